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
/** In-flight requests are ended by then; draining comes before, where it is wanted. */
export const stopGraceMs = 1_000;
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

/**
 * The user inside. Docker lets everybody in a container listen on ports below 1024 since API 1.41;
 * elsewhere the balancer has to be root for that, with no other privilege.
 */
function userOf({ state }: ContainerEngine): number {
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

/** Starts a new container; there is no trace of one that cannot be started. */
export async function startOrRemove(engine: ContainerEngine, id: string): Promise<EngineResult<ContainerFacts>> {
  const started = await engine.startContainer(id);
  if (started.ok) return engine.inspectContainer(id);
  await engine.removeContainer(id);
  return started;
}

/** What a replacement that was cut short left behind. */
export async function removeLeftovers(engine: ContainerEngine, name: string): Promise<EngineResult<null>> {
  const left = await findEdge(engine, nextName(name));
  if (!left.ok) return left;
  return left.value === null ? ok(null) : engine.removeContainer(left.value.id);
}

/** The name of a container that is about to take the place of another one. */
export function nextName(name: string): string {
  return `${name}-next`;
}

/** Makes a container that has all it needs to start. */
export async function createEdge(
  engine: ContainerEngine,
  spec: EdgeSpec,
  name: string,
): Promise<EngineResult<{ id: string }>> {
  const created = await engine.createContainer(containerSpec(spec, name, userOf(engine)));
  if (!created.ok) return created;
  const { id } = created.value;
  const put = await engine.putArchive(id, '/', keptFiles(spec));
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
