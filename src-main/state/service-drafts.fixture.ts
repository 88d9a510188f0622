/** Any commands about services, over few enough names that they meet. */
import fc from 'fast-check';
import type { Rollout } from '#shared/model/service.ts';
import { mainStack, type ServiceId, type StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import type { Command } from './command.ts';
import type { StateReader } from './control-store.ts';
import { digest, rolloutId, sealed, serviceId, serviceSpec } from './service.fixture.ts';
import { checkpointId, commit, laneId, main, projectId, rollbackId } from './state.fixture.ts';

/**
 * A command without its time, filled in by `nextOfService` when it is proposed. `rollout` is the
 * next step of a rollout under way, and a rollback counts its revision from the newest one.
 */
export type ServiceDraft = { readonly kind: Command['kind'] | 'rollout' } & Record<string, unknown>;

const small = fc.integer({ min: 1, max: 6 });
const name = fc.constantFrom('api', 'api', 'api', 'web', 'db');
const stack = fc.constantFrom(mainStack, mainStack, mainStack, mainStack, 'lane-1' as StackName);
const secret = fc.constantFrom('one', 'two');
const newRollout = fc.integer({ min: 1, max: 99_999 }).map(rolloutId);
const entry = mostlyNull(fc.integer({ min: 1_000, max: 9_999 }));
const service = fc.record({ name, stack }).map((of) => serviceId(of.name, of.stack));

const spec: fc.Arbitrary<Partial<ServiceSpecInput>> = fc.record({
  env: small.map((number) => ({ NUMBER: `${number}` })),
  dependsOn: mostlyNull(name).map((one) => (one === null ? [] : [one])),
  ports: mostlyNull(fc.constantFrom(8_080, 8_081)).map((port) => [
    { containerPort: 80, publish: port === null ? null : { port } },
  ]),
  secrets: fc.uniqueArray(secret, { maxLength: 1 }).map((names) => names.map((one) => ({ secret: one }))),
  configs: fc.boolean().map((has) => (has ? [{ config: 'one', target: '/c' }] : [])),
  mounts: fc.boolean().map((has) => (has ? [{ kind: 'volume' as const, volume: 'data', target: '/d' }] : [])),
});

const deploy = fc
  .record({
    name,
    stack,
    spec,
    image: mostlyNull(small),
    rolloutId: newRollout,
    entry,
    expected: mostlyNull(small),
  })
  .map(({ expected, image, ...drawn }) => ({
    kind: 'service.deploy',
    serviceId: serviceId(drawn.name, drawn.stack),
    projectId,
    stack: drawn.stack,
    name: drawn.name,
    spec: serviceSpec(drawn.name, {
      ...drawn.spec,
      dependsOn: (drawn.spec.dependsOn ?? []).filter((one) => one !== drawn.name),
    }),
    digest: image === null ? null : digest(image),
    commit: null,
    origin: { kind: 'person' },
    rolloutId: drawn.rolloutId,
    checkpoint: drawn.stack === mainStack ? checkpointOf(drawn.entry) : null,
    expectedRevisions: expected,
  }));

const stage = fc.constantFrom(
  { name: 'preparing' },
  { name: 'replacing', lastBatchAtMs: null },
  { name: 'starting' },
  { name: 'shifting', step: 0, sinceMs: 1 },
  { name: 'switching', sinceMs: 1 },
  { name: 'monitoring', sinceMs: 1 },
);
const decisions = fc.array(fc.constantFrom('passed', 'failed', 'noted'), { maxLength: 60 }).map((verdicts) =>
  verdicts.map((verdict, at) => ({
    atMs: at,
    gate: 'health',
    verdict,
    detail: 'So.',
    durationMs: 0.5,
    evidence: { at },
  })),
);
const ofRollout = newRollout.map((id) => ({ rolloutId: id }));
const host = fc.constantFrom('local', 'far');

/** Weighted so that services come to serve and are still disturbed. */
export const serviceDraft = fc.oneof(
  { weight: 14, arbitrary: deploy },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('rollout'),
      which: fc.nat(5),
      step: fc.constantFrom('advance', 'note', 'succeed', 'succeed', 'succeed', 'fail', 'pause', 'promote'),
      rolloutId: newRollout,
      decisions,
      stage,
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ id: service, back: fc.nat(3), rolloutId: newRollout, entry, isOfTimeline: fc.boolean() })
      .map((drawn) => ({
        kind: 'service.rollBack',
        serviceId: drawn.id,
        back: drawn.back,
        origin: drawn.isOfTimeline ? { kind: 'timeline', rollbackId: rollbackId(100) } : { kind: 'person' },
        rolloutId: drawn.rolloutId,
        checkpoint: drawn.id.includes('/main/') ? checkpointOf(drawn.entry) : null,
      })),
  },
  { weight: 2, arbitrary: service.map((id) => ({ kind: 'service.remove', serviceId: id })) },
  { weight: 3, arbitrary: service.map((id) => ({ kind: 'service.forget', serviceId: id })) },
  {
    weight: 1,
    arbitrary: fc.record({ id: service, hostPort: fc.constantFrom(8_080, 8_081, 9_000) }).map((drawn) => ({
      kind: 'service.publish',
      serviceId: drawn.id,
      ports: [{ containerPort: 80, hostPort: drawn.hostPort }],
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('revision.pin'),
      serviceId: service,
      number: small,
      digest: small.map(digest),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ of: ofRollout, from: stage, to: stage, decisions }).map((drawn) => ({
      kind: 'rollout.advance',
      ...drawn.of,
      from: drawn.from,
      to: drawn.to,
      failures: 1,
      decisions: drawn.decisions,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ kind: fc.constantFrom('rollout.resume', 'rollout.promote', 'rollout.releasePrevious'), of: ofRollout })
      .map(({ kind, of }) => ({ kind, ...of })),
  },
  {
    weight: 6,
    arbitrary: secret.map((one) => ({
      kind: 'secret.put',
      projectId,
      name: one,
      sealed: sealed('eA=='),
      sizeBytes: 1,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ one: secret, version: small }).map((drawn) => ({
      kind: 'secret.rewrap',
      projectId,
      name: drawn.one,
      versions: [{ version: drawn.version, sealed: { ...sealed('eQ=='), keyId: 'key-2' } }],
    })),
  },
  { weight: 2, arbitrary: secret.map((one) => ({ kind: 'secret.remove', projectId, name: one })) },
  { weight: 3, arbitrary: small.map((text) => ({ kind: 'config.put', projectId, name: 'one', text: `${text}` })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'config.remove', projectId, name: 'one' }) },
  {
    weight: 1,
    arbitrary: fc.record({ of: stack, driver: fc.constantFrom('local', 'nfs') }).map((drawn) => ({
      kind: 'volume.put',
      projectId,
      stack: drawn.of,
      name: 'data',
      driver: drawn.driver,
      options: {},
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ of: stack, hostId: host }).map((drawn) => ({
      kind: 'volume.place',
      projectId,
      stack: drawn.of,
      name: 'data',
      hostId: drawn.hostId,
    })),
  },
  { weight: 1, arbitrary: stack.map((of) => ({ kind: 'volume.remove', projectId, stack: of, name: 'data' })) },
  {
    weight: 1,
    arbitrary: fc.record({ id: host, isDrained: fc.boolean() }).map((drawn) => ({
      kind: 'host.put',
      host: { id: drawn.id, endpoint: null, labels: {}, availability: drawn.isDrained ? 'drain' : 'active' },
    })),
  },
  { weight: 1, arbitrary: host.map((hostId) => ({ kind: 'host.remove', hostId })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('building', 'running').map((state) => ({
      kind: 'preview.put',
      projectId,
      stack: 'lane-1',
      laneId: laneId(1),
      fileName: 'compose.yaml',
      state,
      detail: null,
    })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'preview.forget', projectId, stack: 'lane-1' }) },
  {
    weight: 1,
    arbitrary: fc.record({ id: service, rolloutId: newRollout }).map((drawn) => ({
      kind: 'rollback.services',
      rollbackId: rollbackId(100),
      services: [{ serviceId: drawn.id, rolloutId: drawn.rolloutId }],
    })),
  },
) as fc.Arbitrary<ServiceDraft>;

function mostlyNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function checkpointOf(number: number | null) {
  return number === null
    ? null
    : { checkpointId: checkpointId(number), branch: main, headCommit: commit(7), label: 'Deploy' };
}

/** The draft as it is proposed now: by somebody who has read the state, most of the time. */
export function nextOfService(read: StateReader, drawn: ServiceDraft): ServiceDraft {
  if (drawn.kind === 'rollout') return nextOfRollout(read, drawn);
  if (drawn.kind !== 'service.rollBack') return drawn;
  const newest = read.service(drawn['serviceId'] as ServiceId)?.revisions ?? 0;
  return { ...drawn, toRevision: Math.max(1, newest - (drawn['back'] as number)) };
}

function nextOfRollout(read: StateReader, drawn: ServiceDraft): ServiceDraft {
  const { decisions: evidence, stage: to } = drawn;
  const underWay = read.openRollouts();
  const open = underWay[(drawn['which'] as number) % Math.max(1, underWay.length)];
  if (open === undefined) return { kind: 'rollout.promote', rolloutId: rolloutId(1) };
  const serving = read.service(open.serviceId)?.servingRevision ?? null;
  if (open.paused !== null) {
    return (drawn['which'] as number) < 2
      ? endOf(open, 'aborted', drawn, serving)
      : { kind: 'rollout.resume', rolloutId: open.id };
  }
  switch (drawn['step']) {
    case 'advance':
      return { kind: 'rollout.advance', rolloutId: open.id, from: open.stage, to, failures: 0, decisions: evidence };
    case 'note':
      return { kind: 'rollout.note', rolloutId: open.id, decisions: evidence, failures: 1, progressed: false };
    case 'succeed': {
      const { digest: pinned } = read.revision(open.serviceId, open.toRevision) ?? { digest: null };
      if (pinned !== null) return endOf(open, 'succeeded', drawn, null);
      return {
        kind: 'revision.pin',
        serviceId: open.serviceId,
        number: open.toRevision,
        digest: digest(open.toRevision),
      };
    }
    case 'fail':
      return endOf(open, 'failed', drawn, serving);
    case 'pause':
      return { kind: 'rollout.pause', rolloutId: open.id, because: 'person', detail: 'Wait.' };
    default:
      return { kind: 'rollout.promote', rolloutId: open.id };
  }
}

function endOf(open: Rollout, outcome: string, drawn: ServiceDraft, backTo: number | null): ServiceDraft {
  const goesBack = backTo !== null && open.kind === 'deploy';
  return {
    kind: 'rollout.end',
    rolloutId: open.id,
    outcome,
    detail: 'So it ended.',
    decisions: drawn['decisions'],
    keepPreviousUntilMs: outcome === 'succeeded' ? 9_000_000 : null,
    back: goesBack ? { rolloutId: drawn['rolloutId'], toRevision: backTo } : null,
  };
}
