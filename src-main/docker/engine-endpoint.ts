/**
 * Where an engine could be, in the order in which Docker's own command line would look:
 * an address that was given, `DOCKER_HOST`, the current Docker context, then the sockets that
 * Docker, Docker Desktop, OrbStack, Colima, Rancher Desktop and Podman are known to make.
 */
import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';

/** Key material as PEM. */
export interface EngineTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** False where a context says that the engine's certificate is not to be checked. */
  readonly verifies: boolean;
}

/** How to reach one engine. */
export type EngineEndpoint =
  /** A Unix socket or, on Windows, a named pipe. */
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: EngineTls | null };

/** What the environment says about engines. */
export type EngineSearch =
  /** Somebody said where: nothing else is tried. `origin` names who: "DOCKER_HOST", "the Docker context colima". */
  | { readonly kind: 'said'; readonly origin: string; readonly endpoint: EngineEndpoint }
  /** Nobody said where: the first of these that answers. */
  | { readonly kind: 'known'; readonly endpoints: readonly EngineEndpoint[] }
  /** What was said cannot be used. */
  | { readonly kind: 'refused'; readonly detail: string; readonly advice: string };

/** What is looked at of the machine. */
export interface EngineSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly homeFolder: string;
  readonly userId: number | null;
  /** A file's text; null where there is none that can be read. */
  readonly readText: (path: string) => string | null;
  /** Whether there is something at a path: a socket, a pipe. */
  readonly exists: (path: string) => boolean;
}

const plainPort = 2375;
const tlsPort = 2376;

/** Says where to look for an engine. `given` is an address as `DOCKER_HOST` has them, from a host's settings. */
export function searchEngine(given: string | null, surroundings: EngineSurroundings): EngineSearch {
  const { env } = surroundings;
  if (given !== null) return said('the host’s address', given, tlsOfEnvironment(surroundings), surroundings);
  if (env['DOCKER_HOST']) return said('DOCKER_HOST', env['DOCKER_HOST'], tlsOfEnvironment(surroundings), surroundings);
  const context = env['DOCKER_CONTEXT'] || currentContext(surroundings);
  if (context !== null && context !== 'default') return contextSearch(context, surroundings);
  return { kind: 'known', endpoints: knownSockets(surroundings).map((path) => ({ kind: 'socket', path })) };
}

/** Whether containers there and this process are on one machine, so that its loopback is ours. */
export function isLocalEndpoint(endpoint: EngineEndpoint): boolean {
  return endpoint.kind === 'socket' || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(endpoint.host);
}

/** An endpoint as people write it. */
export function endpointText(endpoint: EngineEndpoint): string {
  if (endpoint.kind === 'socket') {
    return endpoint.path.startsWith('//./pipe/') ? `npipe://${endpoint.path}` : `unix://${endpoint.path}`;
  }
  return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

/** The folder of Docker's command line: its configuration, contexts and logins. */
export function dockerFolder({ env, homeFolder, platform }: EngineSurroundings): string {
  return env['DOCKER_CONFIG'] || pathOf(platform).join(homeFolder, '.docker');
}

function pathOf(platform: string): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

function said(
  origin: string,
  address: string,
  tls: EngineTls | null | string,
  surroundings: EngineSurroundings,
): EngineSearch {
  if (typeof tls === 'string')
    return { kind: 'refused', detail: tls, advice: `${tls} Correct it, or unset DOCKER_HOST.` };
  const endpoint = parseAddress(address, tls, surroundings.platform);
  if (typeof endpoint !== 'string') return { kind: 'said', origin, endpoint };
  return { kind: 'refused', detail: `${origin} is ${address}`, advice: `${origin} is ${address}. ${endpoint}` };
}

/** The endpoint, or why there is none. */
function parseAddress(address: string, tls: EngineTls | null, platform: string): EngineEndpoint | string {
  const [, scheme = 'tcp', rest = address] = /^([a-z]+):\/\/(.*)$/.exec(address) ?? [];
  switch (scheme) {
    case 'unix':
      return { kind: 'socket', path: rest || '/var/run/docker.sock' };
    case 'npipe':
      return { kind: 'socket', path: (rest || '//./pipe/docker_engine').replaceAll('\\', '/') };
    case 'ssh':
      return (
        'Gantry does not open SSH connections of its own. Forward the engine’s socket with ' +
        `“ssh -N -L ${platform === 'win32' ? '2375' : '/tmp/docker.sock'}:/var/run/docker.sock ${rest.split('/')[0]}” and use ` +
        `${platform === 'win32' ? 'tcp://127.0.0.1:2375' : 'unix:///tmp/docker.sock'} instead.`
      );
    case 'tcp':
    case 'http':
    case 'https': {
      const url = URL.parse(`http://${rest}`);
      if (!url?.hostname) return 'It should be like tcp://192.168.1.5:2376.';
      const isTls = tls !== null || scheme === 'https' || rest.endsWith(`:${tlsPort}`);
      return {
        kind: 'tcp',
        host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
        // The URL drops a port that is its scheme's own.
        port: Number(url.port) || (/:80(\/|$)/.test(rest) ? 80 : isTls ? tlsPort : plainPort),
        tls: isTls ? (tls ?? { ca: null, cert: null, key: null, verifies: true }) : null,
      };
    }
    default:
      return 'Gantry knows unix://, npipe:// and tcp:// addresses.';
  }
}

/** The key material that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` name, or what is wrong with it. */
function tlsOfEnvironment(surroundings: EngineSurroundings): EngineTls | null | string {
  const { env, platform, readText } = surroundings;
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_CERT_PATH']) return null;
  const folder = env['DOCKER_CERT_PATH'] || dockerFolder(surroundings);
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
    readText(pathOf(platform).join(folder, name)),
  );
  if (!ca && !cert && !key)
    return `There is no ca.pem, cert.pem or key.pem in ${folder}, where DOCKER_CERT_PATH points.`;
  return { ca: ca ?? null, cert: cert ?? null, key: key ?? null, verifies: Boolean(env['DOCKER_TLS_VERIFY']) };
}

function currentContext(surroundings: EngineSurroundings): string | null {
  const text = surroundings.readText(pathOf(surroundings.platform).join(dockerFolder(surroundings), 'config.json'));
  const context = fieldOf(parseJson(text), 'currentContext');
  return typeof context === 'string' && context !== '' ? context : null;
}

function contextSearch(name: string, surroundings: EngineSurroundings): EngineSearch {
  const { join } = pathOf(surroundings.platform);
  const contexts = join(dockerFolder(surroundings), 'contexts');
  // Docker names the folders of a context after the hash of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const meta = parseJson(surroundings.readText(join(contexts, 'meta', id, 'meta.json')));
  const endpoint = fieldOf(fieldOf(meta, 'Endpoints'), 'docker');
  const host = fieldOf(endpoint, 'Host');
  if (typeof host !== 'string' || host === '') {
    return {
      kind: 'refused',
      detail: `the Docker context ${name} has no address`,
      advice: `The Docker context ${name} is chosen but not there. Choose another with “docker context use default”.`,
    };
  }
  const pem = (file: string): string | null => surroundings.readText(join(contexts, 'tls', id, 'docker', file));
  const material = { ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem') };
  const hasTls = material.ca !== null || material.cert !== null || material.key !== null;
  const tls = hasTls ? { ...material, verifies: fieldOf(endpoint, 'SkipTLSVerify') !== true } : null;
  return said(`the Docker context ${name}`, host, tls, surroundings);
}

function knownSockets({ env, platform, homeFolder, userId }: EngineSurroundings): string[] {
  if (platform === 'win32') {
    return ['//./pipe/docker_engine', '//./pipe/dockerDesktopLinuxEngine', '//./pipe/podman-machine-default'];
  }
  const home = (path: string): string => posix.join(homeFolder, path);
  const runtime = env['XDG_RUNTIME_DIR'] || (userId === null ? null : `/run/user/${userId}`);
  return [
    '/var/run/docker.sock',
    ...(runtime ? [posix.join(runtime, 'docker.sock')] : []),
    home('.docker/run/docker.sock'),
    home('.docker/desktop/docker.sock'),
    home('.orbstack/run/docker.sock'),
    home('.rd/docker.sock'),
    home('.colima/default/docker.sock'),
    home('.config/colima/default/docker.sock'),
    home('.lima/docker/sock/docker.sock'),
    ...(runtime ? [posix.join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
    home('.local/share/containers/podman/machine/podman.sock'),
  ];
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Docker's own command line does not read a damaged file either: as if it were not there.
    return null;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
