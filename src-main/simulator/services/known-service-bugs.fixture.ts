/** Mistakes that orchestrators have really made, this one too, as edits of its text. */
import type { Edit } from '../broken-copy.fixture.ts';

/** One mistake, with a seed that showed it when it was written down. */
export interface KnownServiceBug {
  readonly name: string;
  readonly seed: number;
  readonly edits: readonly Edit[];
}

const driver = 'drive/service-driver.ts';
const traffic = 'decide/traffic.ts';

function edit(file: string, from: string, to: string): Edit {
  return { file, from, to };
}

/** What is called drained without a look at its requests. */
const undrained = edit(
  traffic,
  "if (replica.traffic === 'ready') return { kind: 'draining', lookAtMs: null };",
  "if (replica.traffic === 'ready') return { kind: 'drained' };",
);

/** Nobody asks the engine whether something writes to the volume already. */
const alone = edit(
  'drive/replica-maker.ts',
  'isExclusive(spec) ? await this.#makeAlone(service, host) : ok(null)',
  'ok(null)',
);

/** Those that the simulator catches. */
export const knownServiceBugs: readonly KnownServiceBug[] = [
  {
    name: 'the old replica is stopped before the new one is healthy',
    seed: 18,
    edits: [
      edit(
        'decide/replace-slots.ts',
        'if (filled.isGood) draft.retire(old, why);\n    else draft.serve(old);',
        'draft.dismiss(old, why);',
      ),
    ],
  },
  {
    name: 'a replica is stopped as soon as its traffic is taken, whatever it still serves',
    seed: 6,
    edits: [undrained],
  },
  {
    name: 'the stop signal comes before traffic is taken away',
    seed: 6,
    edits: [
      undrained,
      edit(
        'decide/plan-draft.ts',
        '!untold.has(replica.containerId) && !ready.has(replica.containerId)',
        '!untold.has(replica.containerId)',
      ),
      edit(
        driver,
        'await this.#edge.shift(service, shown, plan.traffic, replicas, edge);\n    const isReplacing = this.#act(service, plan, replicas, revisions, busy);',
        'const isReplacing = this.#act(service, plan, replicas, revisions, busy);\n    await this.#edge.shift(service, shown, plan.traffic, replicas, edge);',
      ),
    ],
  },
  {
    name: 'traffic moves before the move of the rollout is stored',
    seed: 6,
    edits: [
      edit(
        'decide/rollout/blue-green.ts',
        'runBeside(context, { count, percent: 0, untold })',
        `runBeside(context, {
          count,
          percent: context.situation.live.filter(
            (each) => each.templateHash === context.hash && each.health.status === 'healthy',
          ).length < count ? 0 : 100,
          untold,
        })`,
      ),
      edit(
        driver,
        'if (world.viewOnly) return;\n    if (\n      plan.move',
        'if (world.viewOnly) return;\n    await this.#edge.shift(service, shown, plan.traffic, replicas, edge);\n    if (\n      plan.move',
      ),
    ],
  },
  {
    name: 'a way back that fails is rolled back itself',
    seed: 177,
    edits: [edit('decide/rollout/ending.ts', "if (rollout.kind !== 'deploy') {", 'if (rollout.number < 0) {')],
  },
  {
    name: 'success is said while replicas of before still take the traffic',
    seed: 9,
    edits: [
      edit('decide/rollout/rolling.ts', ' && state.oldServing === 0 &&', ' &&'),
      edit('decide/rollout/rolling.ts', 'filter((slot) => isServing(context, slot))', 'filter((slot) => slot.isGood)'),
    ],
  },
  {
    name: 'the weights of a canary are left after an abort: only a rollout drives the edge',
    seed: 12,
    edits: [
      edit(
        'drive/service-edge.ts',
        'if (spec === null || host === null) return;',
        'if (spec === null || host === null || (service.rolloutId === null && edge !== null)) return;',
      ),
    ],
  },
  {
    name: 'the engine may restart what has lost its secrets',
    seed: 11,
    edits: [edit(driver, ' || spec.secrets.length > 0) continue;', ') continue;')],
  },
  {
    name: 'a container that fails is replaced at once, again and again',
    seed: 145,
    edits: [edit('decide/restart-policy.ts', 'atMs: last.failedAtMs + waitMs }', 'atMs: last.failedAtMs }')],
  },
  {
    name: 'the replicas of before are not kept',
    seed: 6,
    edits: [
      edit(
        'decide/reconcile.ts',
        "return situation.live.filter(\n    ({ templateHash, phase, isStopping }) => templateHash === hash && phase === 'running' && !isStopping,\n  );",
        'return [];',
      ),
      edit('decide/reconcile.ts', 'kept.length === 0 || situation.nowMs', 'situation.nowMs'),
    ],
  },
  {
    name: 'two replicas write to one volume',
    seed: 10,
    edits: [edit('decide/update-order.ts', 'return isExclusive(spec)\n', 'return spec.mounts.length < 0\n'), alone],
  },
  {
    name: 'the engine starts again what crashed, beside the one that took its place',
    seed: 96,
    edits: [alone],
  },
  {
    name: 'what has just been done is done again by a plan that does not know of it',
    seed: 96,
    edits: [edit(driver, '!busy.has(keyOf(action, revisions)) &&', ''), alone],
  },
  {
    name: 'an aborted first deployment is stopped with its traffic',
    seed: 10,
    edits: [edit('drive/service-observer.ts', 'return serving ?? this.#newestRunning(service);', 'return serving;')],
  },
  {
    name: 'an edge that does not answer is taken for one without replicas',
    seed: 214,
    edits: [
      edit('drive/service-observer.ts', "isSilent: read.error.reason !== 'no-such-container'", 'isSilent: false'),
    ],
  },
  {
    name: 'the containers of another installation are taken for its own',
    seed: 1,
    edits: [
      edit(
        'drive/host-fleet.ts',
        'this.engine.listContainers({ [serviceLabel.instance]: this.#world.instance })',
        'this.engine.listContainers({ [serviceLabel.managed]: null })',
      ),
    ],
  },
  {
    name: 'the secrets of a service that was removed stay in memory',
    seed: 3,
    edits: [
      edit(
        'drive/remove-service.ts',
        'world.secretFiles.release(host.engine, world.instance, service.id, new Set())',
        'Promise.resolve({ ok: true } as const)',
      ),
    ],
  },
];
