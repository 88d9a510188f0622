/**
 * The container of an edge: made, found again, replaced when what only a new one can have is to
 * change. It is identified by its name, and by a label what it was made from.
 */
import { createHash } from 'node:crypto';
import { ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, ContainerFacts, ContainerSpec, EngineResult } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { keptFiles } from './edge-files.ts';
import { edgeImage } from './edge-image.ts';
import { keysFolder, startCommand } from './edge-layout.ts';
import { refuse } from './edge-refusal.ts';

/** Which edge a container is, also while it has another name. */
export const edgeLabel = 'gantry.edge';
/** Hash of what only a new container can change. */
const identityLabel = 'gantry.edge.identity';

/** Changes when containers made before cannot be gone on with. */
const layoutVersion = 1;
const stopGraceMs = 1_000;
const logBytesMax = 1_048_576;
const keysBytesMax = 16_777_216;
const processesMax = 256;
/** The user of HAProxy's own image. */
const unprivilegedUser = 99;

export interface EdgeContainers {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly log: Log;
}

/** The engine's processors; one while it is not known. */
export function cpusOf({ state }: ContainerEngine): number {
  return state.state === 'ready' ? state.cpus : 1;
}

/**
 * The user inside. Docker lets everybody in a container listen on ports below 1024 since API 1.41;
 * elsewhere the balancer has to be root for that, with no other privilege.
 */
export function userOf({ state }: ContainerEngine): number {
  const isOpen = state.state === 'ready' && state.name === 'Docker' && state.apiVersion !== '1.40';
  return isOpen ? unprivilegedUser : 0;
}

/** The container of that name, whatever its state; null if there is none. */
export async function findEdge(engine: ContainerEngine, name: string): Promise<EngineResult<ContainerFacts | null>> {
  const found = await engine.inspectContainer(name);
  if (found.ok) return found.value.labels[edgeLabel] === undefined ? foreign(name) : found;
  return found.error.reason === 'no-such-container' ? ok(null) : found;
}

function foreign(name: string): EngineResult<never> {
  return refuse('name-taken', `A container named ${name} is there that Gantry did not make. Rename or remove it.`);
}

/** Whether a container is one for this spec, or has to be replaced. */
export function isContainerOf(spec: EdgeSpec, { labels }: ContainerFacts): boolean {
  return labels[identityLabel] === identityOf(spec);
}

/** Ends and removes an edge, with what a replacement that was cut short left behind. */
export async function removeEdge(engine: ContainerEngine, name: string): Promise<EngineResult<null>> {
  const found = await findEdge(engine, name);
  if (!found.ok) return found;
  const removed = found.value === null ? ok(null) : await engine.removeContainer(found.value.id);
  return removed.ok ? removeLeftovers(engine, name) : removed;
}

/** The running container of an edge: the one that is there, or a new one. `isNew` says which. */
export async function ensureEdge(
  tools: EdgeContainers,
  spec: EdgeSpec,
): Promise<EngineResult<{ container: ContainerFacts; isNew: boolean }>> {
  const { engine } = tools;
  const found = await findEdge(engine, spec.name);
  if (!found.ok) return found;
  const container = found.value;
  if (container !== null && isContainerOf(spec, container) && container.state !== 'dead') {
    if (container.state === 'running') return ok({ container, isNew: false });
    const started = await bringUp(engine, container);
    return started.ok ? ok({ container: started.value, isNew: false }) : started;
  }
  const made = container === null ? await makeFirst(tools, spec) : await replace(tools, spec, container);
  return made.ok ? ok({ container: made.value, isNew: true }) : made;
}

/** One that was stopped by a person, or waits between two restarts of the engine. */
async function bringUp(engine: ContainerEngine, { id, state }: ContainerFacts): Promise<EngineResult<ContainerFacts>> {
  const isStopped = state === 'created' || state === 'exited';
  const started = isStopped ? await engine.startContainer(id) : await engine.restartContainer(id, stopGraceMs);
  return started.ok ? engine.inspectContainer(id) : started;
}

async function makeFirst(tools: EdgeContainers, spec: EdgeSpec): Promise<EngineResult<ContainerFacts>> {
  const cleared = await removeLeftovers(tools.engine, spec.name);
  if (!cleared.ok) return cleared;
  const created = await create(tools.engine, spec, spec.name);
  if (!created.ok) return created;
  return startOrRemove(tools.engine, created.value.id);
}

async function startOrRemove(engine: ContainerEngine, id: string): Promise<EngineResult<ContainerFacts>> {
  const started = await engine.startContainer(id);
  if (started.ok) return engine.inspectContainer(id);
  await engine.removeContainer(id);
  return started;
}

/**
 * Puts a new container in the place of one. Where both publish a port of the host, only one can run
 * at a time: the old one is ended when the new one is ready to start, and connections are refused
 * for that moment, some half a second. Otherwise the new one takes over before the old one ends.
 */
async function replace(
  { engine, clock, log }: EdgeContainers,
  spec: EdgeSpec,
  old: ContainerFacts,
): Promise<EngineResult<ContainerFacts>> {
  const isFree = await checkPorts(engine, spec);
  if (!isFree.ok) return isFree;
  const cleared = await removeLeftovers(engine, spec.name);
  if (!cleared.ok) return cleared;
  const created = await create(engine, spec, nextName(spec.name));
  if (!created.ok) return created;
  const { id } = created.value;
  const startedAtMs = clock.monotonicMs();
  const collides = spec.publish.some(({ hostPort }) => old.ports.some((port) => port.hostPort === hostPort));
  if (collides) {
    const stopped = await engine.stopContainer(old.id, stopGraceMs);
    if (!stopped.ok) return stopped;
  }
  const started = await startOrRemove(engine, id);
  if (!started.ok) {
    if (collides) await engine.startContainer(old.id);
    return started;
  }
  const gapMs = collides ? Math.round(clock.monotonicMs() - startedAtMs) : 0;
  const renamed = await takeName(engine, spec.name, old.id, id);
  if (!renamed.ok) return renamed;
  log.info('an edge has a new container', { edge: spec.name, gapMs });
  return engine.inspectContainer(id);
}

async function takeName(engine: ContainerEngine, name: string, oldId: string, id: string): Promise<EngineResult<null>> {
  const removed = await engine.removeContainer(oldId);
  return removed.ok ? engine.renameContainer(id, name) : removed;
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

/** What a replacement that was cut short left behind. */
async function removeLeftovers(engine: ContainerEngine, name: string): Promise<EngineResult<null>> {
  const left = await findEdge(engine, nextName(name));
  if (!left.ok) return left;
  return left.value === null ? ok(null) : engine.removeContainer(left.value.id);
}

function nextName(name: string): string {
  return `${name}-next`;
}

async function create(engine: ContainerEngine, spec: EdgeSpec, name: string): Promise<EngineResult<{ id: string }>> {
  const created = await engine.createContainer(containerSpec(spec, name, userOf(engine)));
  if (!created.ok) return created;
  const { id } = created.value;
  const put = await engine.putArchive(id, '/', keptFiles(spec, cpusOf(engine), userOf(engine)));
  if (put.ok) return created;
  await engine.removeContainer(id);
  return put;
}

function containerSpec(spec: EdgeSpec, name: string, user: number): ContainerSpec {
  return {
    name,
    image: edgeImage,
    entrypoint: startCommand.slice(0, 1),
    command: startCommand.slice(1),
    env: {},
    labels: { ...spec.labels, [edgeLabel]: spec.name, [identityLabel]: identityOf(spec) },
    workingDirectory: '/',
    user: `${user}:${user}`,
    hostname: null,
    networks: [{ network: spec.network, aliases: spec.aliases }],
    publish: spec.publish,
    mounts: [{ kind: 'tmpfs', target: keysFolder, sizeBytes: keysBytesMax }],
    cpus: null,
    memoryBytes: null,
    pids: processesMax,
    restart: 'unless-stopped',
    health: null,
    stopSignal: 'SIGTERM',
    stopGraceMs,
    logBytesMax,
    dropCapabilities: user === 0 ? allButLowPorts : ['ALL'],
  };
}

/** Docker's default capabilities without the one to listen on ports below 1024. */
const allButLowPorts: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

function identityOf({ network, aliases, publish }: EdgeSpec): string {
  const ports = publish.map(({ address, hostPort, containerPort }) => `${address}:${hostPort}:${containerPort}`);
  const text = JSON.stringify([layoutVersion, network, aliases.toSorted(), ports.toSorted()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}
