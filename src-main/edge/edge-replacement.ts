/**
 * A new container in the place of one, when what only a new one can have is to change: where the
 * edge is published, or its names.
 */
import { ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, ContainerFacts, EngineResult } from '../ports/engine.ts';
import {
  createEdge,
  type EdgeContainers,
  nextName,
  removeLeftovers,
  startOrRemove,
  stopGraceMs,
} from './edge-container.ts';
import { refuse } from './edge-refusal.ts';
import { MasterCli } from './master-cli.ts';
import { type EdgeReading, observeEdge, rowType } from './observe-edge.ts';
import { countOf } from './runtime-answers.ts';

/** How long the new one may take to find its servers before the old one goes nevertheless. */
const servesMs = 3_000;
/** How long a moment is waited for in which the old one serves nobody. */
const quietMs = 2_000;
const lookMs = 50;

/**
 * Where both publish a port of the host, only one can run at a time: the old one is ended when the
 * new one is ready to start, and connections are refused for that moment, half a second on an
 * engine that is not busy. Otherwise the new one serves before the old one goes.
 */
export async function replaceEdge(
  { engine, clock, log }: EdgeContainers,
  spec: EdgeSpec,
  old: ContainerFacts,
): Promise<EngineResult<ContainerFacts>> {
  const isFree = await checkPorts(engine, spec);
  if (!isFree.ok) return isFree;
  const cleared = await removeLeftovers(engine, spec.name);
  if (!cleared.ok) return cleared;
  const created = await createEdge(engine, spec, nextName(spec.name));
  if (!created.ok) return created;
  const { id } = created.value;
  const collides = spec.publish.some(({ hostPort }) => old.ports.some((port) => port.hostPort === hostPort));
  const endedAtMs = clock.monotonicMs();
  const ended = collides ? await engine.stopContainer(old.id, stopGraceMs) : ok(null);
  const started = ended.ok ? await startOrRemove(engine, id) : ended;
  if (!started.ok) {
    if (collides) await engine.startContainer(old.id);
    return started;
  }
  const gapMs = collides ? Math.round(clock.monotonicMs() - endedAtMs) : 0;
  if (!collides && old.state === 'running') {
    await untilSo(engine, clock, id, servesMs, (reading) => serves(reading, spec));
    await untilSo(engine, clock, old.id, quietMs, isQuiet);
  }
  const removed = await engine.removeContainer(old.id);
  const renamed = removed.ok ? await engine.renameContainer(id, spec.name) : removed;
  if (!renamed.ok) return renamed;
  log.info('an edge has a new container', { edge: spec.name, gapMs });
  return engine.inspectContainer(id);
}

/** Refuses before anything that runs is touched. */
async function checkPorts(engine: ContainerEngine, spec: EdgeSpec): Promise<EngineResult<null>> {
  const published = await engine.publishedPorts();
  if (!published.ok) return published;
  for (const { hostPort } of spec.publish) {
    const owner = published.value.find((port) => port.hostPort === hostPort && port.containerName !== spec.name);
    if (hostPort === 0 || owner === undefined) continue;
    return refuse(
      'port-taken',
      `Port ${hostPort} is taken by the container ${owner.containerName}. Choose another one.`,
    );
  }
  return ok(null);
}

/** Looks at an edge until it is so, or the time is over: either way it goes on then. */
async function untilSo(
  engine: ContainerEngine,
  clock: Clock,
  id: string,
  timeMs: number,
  isSo: (reading: EdgeReading) => boolean,
): Promise<void> {
  const untilMs = clock.monotonicMs() + timeMs;
  let cli: MasterCli | null = null;
  while (clock.monotonicMs() < untilMs) {
    if (cli === null || !cli.isOpen) {
      const opened = await MasterCli.open(engine, id, clock);
      cli = opened.ok ? opened.value : null;
    }
    const reading = cli === null ? null : await observeEdge(cli);
    if (reading?.ok === true && isSo(reading.value)) break;
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve));
  }
  cli?.dispose();
}

function serves({ standings }: EdgeReading, { pools }: EdgeSpec): boolean {
  const works = new Set(standings.flatMap(({ pool, server, isUp }) => (isUp ? `${pool}/${server}` : [])));
  return pools.every(({ name, servers }) => {
    const taking = servers.filter(({ state }) => state === 'ready');
    return taking.length === 0 || taking.some((server) => works.has(`${name}/${server.name}`));
  });
}

function isQuiet({ current, old }: EdgeReading): boolean {
  const servers = [current, ...old].flatMap(({ rows }) => rows.filter((row) => row.get('type') === rowType.server));
  return servers.every((row) => countOf(row, 'scur') === 0);
}
