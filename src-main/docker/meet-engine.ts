/** The first words with an engine: what it is, which API version both speak, and what it runs on. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { EngineRefusal, EngineResult, EngineState } from '../ports/engine.ts';
import { instantMs, orNull } from './engine-answer.ts';
import { EngineConnection } from './engine-connection.ts';
import { type EngineEndpoint, endpointText, isLocalEndpoint } from './engine-endpoint.ts';

/** The oldest API that has all that is needed (Docker 19.03, one-shot statistics aside). */
const oldestApi = '1.40';
/** The newest API whose changes are known (Docker 29). */
const newestApi = '1.52';
const helloMs = 5_000;

const versionSchema = z.object({
  Version: z.string(),
  ApiVersion: z.string().regex(/^\d+\.\d+$/),
  MinAPIVersion: z.string().optional(),
  Os: z.string(),
  Arch: z.string(),
  Components: orNull(z.array(z.object({ Name: z.string() }))),
});
const infoSchema = z.object({
  ID: z.string().default(''),
  NCPU: z.number(),
  MemTotal: z.number(),
  DockerRootDir: z.string().default(''),
});
const bridgeSchema = z.object({ Id: z.string(), Created: z.string().default('') });

type ReadyState = Extract<EngineState, { state: 'ready' }>;
type TooOldState = Extract<EngineState, { state: 'too-old' }>;

/** Who answered; with a connection, if it can be worked with. The connection is the caller's to dispose. */
export type Acquaintance =
  | { readonly state: ReadyState; readonly connection: EngineConnection }
  | { readonly state: TooOldState; readonly connection: null };

/** Asks the engine at `endpoint` who it is, until `signal` gives up. */
export async function meetEngine(
  endpoint: EngineEndpoint,
  clock: Clock,
  signal: AbortSignal,
): Promise<EngineResult<Acquaintance>> {
  const stranger = await connect(endpoint, null, clock);
  if (!stranger.ok) return stranger;
  const version = await stranger.value.ask(
    { method: 'GET', path: '/version', deadlineMs: helloMs, signal, doing: 'tell its version' },
    versionSchema,
  );
  stranger.value.dispose();
  if (!version.ok) return version;
  const { Version, ApiVersion, MinAPIVersion, Os, Arch, Components } = version.value;
  if (compareApi(ApiVersion, oldestApi) < 0) {
    const advice = `This engine (${Version}, API ${ApiVersion}) is too old. Gantry needs API ${oldestApi}: Docker 19.03 or newer.`;
    return ok({ state: { state: 'too-old', version: Version, advice }, connection: null });
  }
  const apiVersion = chooseApi(ApiVersion, MinAPIVersion ?? null);
  const connected = await connect(endpoint, apiVersion, clock);
  if (!connected.ok) return connected;
  const connection = connected.value;
  const info = await connection.ask(
    { method: 'GET', path: '/info', deadlineMs: helloMs, signal, doing: 'tell what it runs on' },
    infoSchema,
  );
  if (!info.ok) {
    connection.dispose();
    return info;
  }
  const bridge = await newestBridge(connection, signal);
  const state: ReadyState = {
    state: 'ready',
    name: Components?.some(({ Name }) => Name.includes('Podman')) ? 'Podman' : 'Docker',
    version: Version,
    apiVersion,
    os: Os,
    architecture: Arch,
    cpus: info.value.NCPU,
    memoryBytes: info.value.MemTotal,
    rootFolder: info.value.DockerRootDir,
    isLocal: isLocalEndpoint(endpoint),
    startedId: [info.value.ID, bridge?.Id.slice(0, 12) ?? '', await socketId(endpoint)].join('/'),
    startedAtMs: bridge === null ? null : instantMs(bridge.Created),
  };
  return ok({ state, connection });
}

/** The API version to speak with an engine that knows `newest` down to `oldest`. */
export function chooseApi(newest: string, oldest: string | null): string {
  const chosen = compareApi(newest, newestApi) > 0 ? newestApi : newest;
  // An engine of a far future: its oldest version is what we know best.
  return oldest !== null && compareApi(oldest, chosen) > 0 ? oldest : chosen;
}

/** Orders API versions: negative if `a` is older. */
export function compareApi(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

async function connect(
  endpoint: EngineEndpoint,
  apiVersion: string | null,
  clock: Clock,
): Promise<EngineResult<EngineConnection>> {
  try {
    return ok(await EngineConnection.to(endpoint, apiVersion, clock));
  } catch (error) {
    // Key material that is no PEM, or an environment that dockerode cannot read.
    const detail = error instanceof Error ? error.message : String(error);
    const message = `No connection to ${endpointText(endpoint)} can be prepared: ${detail}. Check its certificates and DOCKER_HOST.`;
    const refusal: EngineRefusal = { reason: 'unreachable', message, detail };
    return fail(refusal);
  }
}

/** An engine makes its network `bridge` anew each time it starts: the one thing of its API that tells a restart. */
async function newestBridge(
  connection: EngineConnection,
  signal: AbortSignal,
): Promise<z.infer<typeof bridgeSchema> | null> {
  const bridge = await connection.ask(
    { method: 'GET', path: '/networks/bridge', deadlineMs: helloMs, signal, doing: 'tell its networks' },
    bridgeSchema,
  );
  // Rootless Podman and engines set up without have none; their socket tells.
  return bridge.ok ? bridge.value : null;
}

/** A socket is made anew with its engine, unless the system holds it. */
async function socketId(endpoint: EngineEndpoint): Promise<string> {
  if (endpoint.kind === 'tcp' || endpoint.path.startsWith('//')) return '';
  try {
    const { ino, ctimeMs } = await stat(endpoint.path);
    return `${ino}-${Math.floor(ctimeMs)}`;
  } catch {
    // Removed under a running engine: it answered, so that it is known by the rest.
    return '';
  }
}
