/** The replicated state without its replication: the real state machine, reached by one run of the app after the other. */
import { assertDefined } from '#shared/base/assert.ts';
import { Emitter } from '#shared/base/emitter.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ConfState } from '../../raft/core/message.ts';
import type { Command } from '../../state/command.ts';
import type { ChangeSet, ControlStore, StateReader } from '../../state/control-store.ts';
import { decodeChanges, decodeOutcome, encodeProposal } from '../../state/proposal.ts';
import { openStateMachine } from '../../state/state-machine.ts';
import { type OpenStateReader, openStateReader } from '../../state/state-reader.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { AppLife } from './app-life.ts';

const onlyNode: ConfState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
const proposeMs = 4;

/** Looks on at what is committed. */
export interface StoreWitness {
  onCommitted(command: Command, isAccepted: boolean): void;
}

/** Owns its file's handles until it is disposed. */
export class SimulatedStore {
  readonly read: OpenStateReader;
  /** Chance that a proposal finds no leader. */
  noLeader = 0;
  readonly #machine;
  readonly #random: SeededRandom;
  readonly #witness: StoreWitness;
  readonly #listeners = new Set<(changes: ChangeSet) => void>();
  #sequence = 0;

  constructor(path: string, random: SeededRandom, witness: StoreWitness) {
    this.#machine = openStateMachine(path);
    this.read = openStateReader(path);
    this.#random = random;
    this.#witness = witness;
  }

  /** Commits at once, as a person at another window may. */
  commit(command: Command): { readonly ok: boolean } {
    this.#sequence += 1;
    const data = encodeProposal({ session: 'simulation', sequence: this.#sequence, command });
    const index = this.#machine.applied().index + 1;
    const [applied] = this.#machine.apply([{ index, term: 1, kind: 'normal', data }], onlyNode);
    const { answer, changes } = assertDefined(applied, 'one entry gives one result');
    const outcome: { readonly ok: boolean } = decodeOutcome(answer);
    this.#witness.onCommitted(command, outcome.ok);
    for (const listener of this.#listeners) listener({ index, changes: decodeChanges(changes) });
    return outcome;
  }

  /** What one run of the app sees of it. */
  connect(life: AppLife): ControlStore {
    const changed = new Emitter<ChangeSet>();
    this.#listeners.add((changes) => life.tell(() => changed.fire(changes)));
    const store: Omit<ControlStore, 'propose'> & { propose(command: Command): Promise<unknown> } = {
      propose: async (command) => {
        const outcome = await this.#propose(life, command);
        if (outcome === null) throw new GantryError('no-leader', 'No node leads at the moment.');
        return outcome;
      },
      read: this.read as StateReader,
      barrier: async () => undefined,
      onDidChange: changed.event,
    };
    // Which command gives which outcome is the state machine's matter.
    return store as ControlStore;
  }

  /** Null when no leader was found; half of what was proposed then is committed all the same. */
  #propose(life: AppLife, command: Command): Promise<unknown> {
    return life.order<unknown>(command.kind, proposeMs, (answer) => {
      const hasLeader = !this.#random.chance(this.noLeader);
      const outcome = hasLeader || this.#random.chance(0.5) ? this.commit(command) : null;
      answer(hasLeader ? outcome : null);
    });
  }

  dispose(): void {
    this.read.close();
    this.#machine.close();
  }
}
