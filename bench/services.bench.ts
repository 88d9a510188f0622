/**
 * Services on a real engine, beside Docker Compose and a one-node Swarm on the same engine with the
 * same images; the switch of traffic; the edge's own cost; and the scheduler on simulated hosts.
 */
import { type DockerFixture, expectOk, requireDocker } from '#main/docker/docker.fixture.ts';
import { LoadClient } from '#main/orchestrator/drive/load-client.ts';
import { Harbour } from '#main/orchestrator/harbour.fixture.ts';
import { systemClock } from '#main/platform/clock.ts';
import { type BenchmarkResult, percentile, rounded, target } from './benchmark.ts';
import { seconds, until } from './services/commands.ts';
import { composeScale, findCompose, isolatedSwarmUpdate, isSwarmFree, swarm } from './services/peers.ts';
import { requestsPerSecond, Witness } from './services/requests.ts';
import { benchScheduler } from './services/scheduler.ts';
import { parallelism, Wide } from './services/wide.ts';

export const name = 'services';
export const description =
  'scaling and updating 20 replicas beside Compose and Swarm, switching traffic, the edge, the scheduler';

const replicas = 20;
/** Ours and the peers take turns: a machine is not the same from one minute to the next. */
const rounds = 3;
const switches = 10;
const loadPerSecond = 150;

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  const problem = await requireDocker();
  if (problem !== null) throw new Error(`This benchmark needs a Docker engine: ${problem}.`);
  const notes: string[] = [];
  const metrics: Record<string, number> = {};
  const harbour = await Harbour.open();
  try {
    const images = [await harbour.docker.webImage('one'), await harbour.docker.webImage('two')] as const;
    Object.assign(metrics, await besidePeers(harbour, images, say, notes));
    Object.assign(metrics, await updateUnderLoad(harbour, images, say));
    Object.assign(metrics, await switchTraffic(harbour, images, say));
    Object.assign(metrics, await measureEdge(harbour, images[0], say, notes));
  } finally {
    await harbour.dispose();
  }
  Object.assign(metrics, benchScheduler(say));
  const fasterScale = Math.min(
    ...['compose_scale_20_seconds', 'swarm_scale_20_seconds'].flatMap((key) => metrics[key] ?? []),
  );
  return {
    metrics,
    targets: [
      target(metrics, 'failed_requests', '<=', 0),
      target(metrics, 'switch_ms_p99', '<=', 500),
      target(metrics, 'rollback_ms_p99', '<=', 2_000),
      ...(Number.isFinite(fasterScale) ? [target(metrics, 'scale_20_seconds', '<=', fasterScale)] : []),
      ...(metrics['swarm_update_20_seconds'] === undefined
        ? []
        : [target(metrics, 'update_20_seconds', '<=', metrics['swarm_update_20_seconds'])]),
      target(metrics, 'scheduler_full_pass_ms', '<=', 1_000),
      target(metrics, 'scheduler_change_ms', '<=', 20),
      target(metrics, 'scheduler_memory_mb', '<=', 256),
    ],
    notes,
  };
}

/** Scaling and updating, in turn with Compose and Swarm; the median of all rounds. */
async function besidePeers(
  harbour: Harbour,
  images: readonly [string, string],
  say: (line: string) => void,
  notes: string[],
): Promise<Record<string, number>> {
  const compose = findCompose();
  if (compose === null) notes.push('Docker Compose is not installed here, so it was not measured.');
  const hasSwarm = await isSwarmFree();
  if (!hasSwarm) notes.push('This engine is part of a Swarm already, so none was measured.');
  const taken = new Map<string, number[]>();
  const note = (metric: string, value: number): void => void taken.set(metric, [...(taken.get(metric) ?? []), value]);
  for (let round = 1; round <= rounds; round += 1) {
    const ours = await scaleAndUpdate(harbour, images);
    note('scale_20_seconds', ours.scaleSeconds);
    note('update_20_seconds', ours.updateSeconds);
    if (compose !== null) note('compose_scale_20_seconds', await composeScale(compose, images[0], replicas));
    if (hasSwarm) {
      const swarmed = await swarm(images, replicas, parallelism);
      note('swarm_scale_20_seconds', swarmed.scaleSeconds);
      note('swarm_update_20_seconds', swarmed.updateSeconds);
      note('swarm_isolated_update_20_seconds', await isolatedSwarmUpdate(images, replicas, parallelism));
    }
    const latest = [...taken].map(([metric, values]) => `${metric} ${rounded(values.at(-1) ?? Number.NaN)}`);
    say(`Round ${round} of ${rounds}: ${latest.join(', ')}`);
  }
  const median = (values: readonly number[]): number =>
    percentile(
      values.toSorted((x, y) => x - y),
      0.5,
    );
  return Object.fromEntries([...taken].map(([metric, values]) => [metric, rounded(median(values))]));
}

/**
 * From one replica to all, and all to another image. Done is, as for Swarm, when all new ones run
 * and nothing of before is counted on; ours have been checked by then, and take all requests.
 */
async function scaleAndUpdate(
  harbour: Harbour,
  images: readonly [string, string],
): Promise<{ scaleSeconds: number; updateSeconds: number }> {
  const wide = await Wide.deploy(harbour, images[0]);
  const scaleSeconds = await seconds(() => wide.scaleTo(replicas));
  const updateSeconds = await seconds(() => wide.updateTo(images[1]));
  await wide.remove();
  return { scaleSeconds, updateSeconds };
}

/** Update and scale down under constant load. */
async function updateUnderLoad(harbour: Harbour, images: readonly [string, string], say: (line: string) => void) {
  const wide = await Wide.deploy(harbour, images[0]);
  await wide.scaleTo(replicas);
  const load = new LoadClient({
    url: harbour.url(wide.name),
    requestsPerSecond: loadPerSecond,
    forMs: 3_600_000,
    clock: systemClock,
  });
  await wide.updateTo(images[1]);
  await wide.scaleTo(2);
  const over = new Promise<void>((resolve) => load.onDidEnd(() => resolve()));
  load.dispose();
  await over;
  const { sent, failed } = load.counts();
  say(`Updated and scaled to 2 under load: ${failed} of ${sent} requests failed`);
  await wide.remove();
  return { requests: sent, failed_requests: failed };
}

/** Blue-green forth and back onto what is kept: from the moment it is wanted to the last answer of the old side. */
async function switchTraffic(harbour: Harbour, images: readonly [string, string], say: (line: string) => void) {
  const update = { strategy: 'blue-green' as const, monitorMs: 0 };
  const spec = harbour.spec('switched', images[0], {
    mode: { kind: 'replicated', replicas: 2 },
    update,
    rollback: update,
  });
  await harbour.rollOut(spec);
  const id = harbour.id('switched');
  const witness = new Witness(harbour.url('switched'));
  const switchMs: number[] = [];
  const rollbackMs: number[] = [];
  try {
    for (let round = 0; round < switches; round += 1) {
      let switchedAtMs: number | null = null;
      const watching = harbour.store.onDidChange(() => {
        const rolloutId = harbour.store.read.service(id)?.rolloutId;
        const stage = rolloutId == null ? null : harbour.store.read.rollout(rolloutId)?.stage.name;
        if (stage === 'switching') switchedAtMs ??= performance.now();
      });
      await harbour.deploy({ ...spec, image: { kind: 'image', reference: images[1] }, env: { ROUND: String(round) } });
      await harbour.settled(id);
      watching.dispose();
      await until('the new side answers', () => witness.last === 'two');
      switchMs.push(Math.max(0, (witness.lastOf('one') ?? 0) - (switchedAtMs ?? performance.now())));
      const calledAtMs = performance.now();
      await harbour.orchestrator.services.rollBack(id, 1);
      await harbour.settled(id);
      await until('the old side answers again', () => witness.last === 'one');
      rollbackMs.push(Math.max(0, (witness.lastOf('two') ?? 0) - calledAtMs));
    }
  } finally {
    await witness.stop();
  }
  const metrics = { switch_ms_p99: worst(switchMs), rollback_ms_p99: worst(rollbackMs) };
  say(
    `Traffic switched within ${metrics.switch_ms_p99} ms, rolled back within ${metrics.rollback_ms_p99} ms, ${switches} times`,
  );
  await harbour.orchestrator.services.remove(id);
  await until('it is gone', () => harbour.store.read.service(id) === null);
  return metrics;
}

/** One replica, through its edge and by itself, both published on the loopback. */
async function measureEdge(harbour: Harbour, image: string, say: (line: string) => void, notes: string[]) {
  await harbour.rollOut(harbour.spec('fronted', image));
  const bareName = harbour.docker.name('bare');
  const { docker } = harbour;
  const bare = await publish(docker, image, bareName);
  const throughEdge = await requestsPerSecond(harbour.url('fronted'));
  const direct = await requestsPerSecond(bare);
  if (throughEdge === null || direct === null) {
    notes.push('wrk is not installed here, so the edge was not measured.');
    return {};
  }
  say(`Through the edge ${Math.round(throughEdge)} requests/s, a bare replica ${Math.round(direct)} requests/s`);
  return { edge_requests_per_second: Math.round(throughEdge), bare_requests_per_second: Math.round(direct) };
}

async function publish(docker: DockerFixture, image: string, containerName: string): Promise<string> {
  const id = await docker.start({
    image,
    name: containerName,
    command: null,
    publish: [{ containerPort: 8_080, address: '127.0.0.1', hostPort: 0 }],
  });
  const { ports } = expectOk(await docker.engine.inspectContainer(id));
  return `http://127.0.0.1:${ports[0]?.hostPort}/`;
}

/** Of so few rounds the 99th percentile is the worst one. */
function worst(values: readonly number[]): number {
  return rounded(Math.max(...values));
}
