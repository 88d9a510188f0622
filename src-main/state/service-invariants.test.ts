/** Any commands about services in any order: what must always hold does, and no number is given twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assert } from '#shared/base/assert.ts';
import type { CommandKind, CommandOutcome } from './command.ts';
import { assertServicesConsistent } from './consistent-services.fixture.ts';
import { nextOfService, type ServiceDraft, serviceDraft } from './service-drafts.fixture.ts';
import { ServiceFixture } from './service.fixture.ts';
import { projectId } from './state.fixture.ts';

/** Remembers every number that was ever given, also to what was removed since. */
class NumbersGiven {
  readonly #given = new Set<string>();

  note(draft: ServiceDraft, outcome: CommandOutcome<CommandKind>): void {
    if (!outcome.ok) return;
    const value = outcome.value as Record<string, unknown> | null;
    switch (draft.kind) {
      case 'service.deploy':
        if (value?.['unchanged'] === true || draft['stack'] !== 'main') return;
        this.#give(`revision ${draft['serviceId']} ${value?.['revision']}`);
        this.#give(`rollout ${draft['serviceId']} ${value?.['rolloutNumber']}`);
        break;
      case 'secret.put':
        this.#give(`secret ${draft['name']} ${value?.['version']}`);
        break;
      case 'project.forget':
        this.#given.clear();
        break;
    }
  }

  #give(number: string): void {
    assert(!this.#given.has(number), `${number} was given before`);
    this.#given.add(number);
  }
}

describe('services', () => {
  it('are consistent after every command', () => {
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(serviceDraft, { minLength: 200, maxLength: 250, size: 'max' }), (drafts) => {
        const state = new ServiceFixture().begin();
        try {
          state.queued();
          const numbers = new NumbersGiven();
          for (const [at, draft] of drafts.entries()) {
            const chosen = nextOfService(state.read, draft);
            state.nowMs += 1;
            const outcome = state.apply(chosen as never) as CommandOutcome<CommandKind>;
            if (outcome.ok) accepted.set(chosen.kind, (accepted.get(chosen.kind) ?? 0) + 1);
            try {
              numbers.note(chosen, outcome);
              assertServicesConsistent(state.read, projectId);
            } catch (cause) {
              throw new Error(`After command ${at}, ${JSON.stringify(chosen)}`, { cause });
            }
          }
        } finally {
          state.dispose();
        }
      }),
      // What failed is named with its command; making 250 of them fewer would take minutes.
      { numRuns: 30, endOnFailure: true },
    );
    // A test that disturbs nothing proves nothing: the long ways were walked too.
    for (const kind of ['service.rollBack', 'service.forget', 'rollout.end', 'secret.remove', 'rollout.promote']) {
      expect(accepted.get(kind), kind).toBeGreaterThan(10);
    }
  }, 180_000);
});
