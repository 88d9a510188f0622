/**
 * An edge's spec as a configuration of HAProxy 2.6 and later. Pure: the same spec gives the same
 * text. All that can be changed while it runs (servers, their states and weights) is kept out of
 * the `structure`, so that comparing structures tells whether a reload is needed.
 */
import { createHash } from 'node:crypto';
import type { EdgeListener, EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { hasCertificates } from './check-edge-spec.ts';
import { configText, type Section } from './config-text.ts';
import { checkPathsFile, keptPrefix, nameServer, serverStateFile } from './edge-layout.ts';
import { histogramLines } from './latency-histogram.ts';
import { noRouteBackend, routesFrontend } from './routes-config.ts';
import { isChecked } from './server-check.ts';

/** A new or failed server is checked this often until it answers, so that its recovery is seen at once. */
const recheckMs = 100;
/** A replica is on the same host or a near one: one that does not accept in this time is gone. */
const connectMs = 1_000;
/** Idle connections to a server are closed before it does so itself: Node's default is 5 s. */
const idlePurgeMs = 2_000;
/** After so many failed connections in a row a server is checked as often as a new one. */
const connectionFailuresMax = 3;
/**
 * Processes from before reloads finish what they have, such as connections of WebSockets, for so
 * long. How long a draining server may take is not theirs to say: a server that is stopped ends its
 * connections wherever they are.
 */
const hardStopHours = 24;
const oldWorkersMax = 50;
/** One carries tens of thousands of requests a second; on a large machine there would be one a processor, in each edge. */
const threads = 2;

/**
 * The whole configuration. One that is `kept` for when the app is not there finds servers by their names and begins without certificates, if it has to.
 */
export function renderConfig(spec: EdgeSpec, purpose: 'running' | 'kept'): string {
  const isKept = purpose === 'kept';
  return render(spec, `${isKept ? keptPrefix : ''}${structureOf(spec)}`, isKept);
}

/** Whether a running balancer with this description needs no reload to be as a spec says. */
export function isStructureOf(description: string, spec: EdgeSpec): boolean {
  const structure = structureOf(spec);
  const isKept = description === `${keptPrefix}${structure}`;
  // A kept one may have no keys, and refuses clients that do not say which host they want.
  return description === structure || (isKept && !spec.listeners.some(hasCertificates));
}

/**
 * Names what only a reload can change: listeners, pools, how and how often they check, routes, certificates. A running
 * balancer tells its own as its description.
 */
function structureOf(spec: EdgeSpec): string {
  const bare = { ...spec, pools: spec.pools.map((pool) => ({ ...pool, servers: [] })) };
  const certificates = spec.listeners.flatMap((listener) => (listener.kind === 'routes' ? listener.certificates : []));
  const options = spec.pools.map((pool) => checkOptions(pool).join(' '));
  const text = [render(bare, '', false), ...options, JSON.stringify(certificates)].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/** Address and options of a server, as a configuration and `add server` take them alike. */
export function serverArguments(server: EdgeServer, pool: EdgePool): string {
  const { address } = server;
  const host = address.includes(':') ? `[${address}]` : address;
  return [`${host}:${server.port}`, ...serverOptions(server, pool)].join(' ');
}

/** The same for a server that is found by its name. It begins at its last address, if that is known. */
function namedArguments(server: EdgeServer, pool: EdgePool): string {
  const found = `${server.hostName}:${server.port} resolvers network resolve-prefer ipv4 init-addr last,none`;
  return [found, ...serverOptions(server, pool)].join(' ');
}

function serverOptions(server: EdgeServer, pool: EdgePool): string[] {
  return [
    ...(isChecked(server, pool) ? checkOptions(pool) : []),
    ...(isChecked(server, pool) && server.check.port !== server.port ? [`port ${server.check.port}`] : []),
    `pool-purge-delay ${idlePurgeMs}ms`,
    `weight ${server.weight}`,
  ];
}

function checkOptions({ check }: EdgePool): string[] {
  const soonMs = Math.min(check.intervalMs, recheckMs);
  return [
    `check inter ${check.intervalMs} fastinter ${soonMs} downinter ${soonMs} rise 1 fall ${check.failuresMax}`,
    // Its checks decide, only sooner: one that is busy refuses connections too, and when it is the last one
    // that works, taking it out would fail every request in place of a few that wait.
    `observe layer4 error-limit ${connectionFailuresMax} on-error fastinter`,
  ];
}

function render(spec: EdgeSpec, description: string, isKept: boolean): string {
  const global = [
    ...(description === '' ? [] : [`description ${description}`]),
    'no strict-limits',
    // The engine's own limit may be a million, for which memory would be set aside.
    'fd-hard-limit 32768',
    `nbthread ${threads}`,
    `hard-stop-after ${hardStopHours}h`,
    `mworker-max-reloads ${oldWorkersMax}`,
    `server-state-file ${serverStateFile}`,
    'ssl-default-bind-options ssl-min-ver TLSv1.2',
  ];
  return configText([
    { head: 'global', body: global },
    ...(isKept ? [nameService] : []),
    { head: 'defaults', body: defaultLines },
    ...spec.listeners.map((listener) => frontend(listener, spec, isKept)),
    ...(spec.listeners.some(({ kind }) => kind === 'routes') ? [noRouteBackend] : []),
    ...spec.pools.map((pool) => backend(pool, isKept)),
  ]);
}

const defaultLines: readonly string[] = [
  'load-server-state-from-file global',
  `timeout connect ${connectMs}ms`,
  'timeout http-request 60s',
  'timeout http-keep-alive 60s',
  // Long requests are the servers' business; peers that vanished are found by keep-alive probes.
  'timeout client 1h',
  'timeout server 1h',
  'timeout tunnel 24h',
  'timeout client-fin 30s',
  'timeout server-fin 30s',
  'option clitcpka',
  'option srvtcpka',
  'retries 3',
  'option redispatch 1',
  // A reload closes a kept connection with the answer to its next request, not under it.
  'option idle-close-on-response',
];

/** A name that is gone is a container that does not run; a name service that is silent says nothing. */
const nameService: Section = {
  head: 'resolvers network',
  body: [
    `nameserver engine ${nameServer}`,
    'timeout resolve 1s',
    'timeout retry 500ms',
    'hold valid 1s',
    'hold nx 1s',
    'hold obsolete 1s',
    'hold other 24h',
    'hold timeout 24h',
    'hold refused 24h',
  ],
};

function frontend(listener: EdgeListener, spec: EdgeSpec, isKept: boolean): Section {
  if (listener.kind === 'routes') return routesFrontend(listener, spec, isKept);
  const pool = spec.pools.find(({ name }) => name === listener.pool);
  return {
    head: `frontend port-${listener.port}`,
    body: [`mode ${pool?.protocol ?? 'tcp'}`, `bind *:${listener.port}`, `default_backend ${listener.pool}`],
  };
}

function backend(pool: EdgePool, isKept: boolean): Section {
  const argumentsOf = (server: EdgeServer): string =>
    isKept && server.hostName !== undefined ? namedArguments(server, pool) : serverArguments(server, pool);
  return {
    head: `backend ${pool.name}`,
    body: [
      `mode ${pool.protocol}`,
      'balance roundrobin',
      `timeout check ${pool.check.timeoutMs}ms`,
      ...(pool.check.kind === 'http' ? httpCheckLines : []),
      ...(pool.protocol === 'http' ? httpLines : []),
      ...pool.servers.map((server) => `server ${server.name} ${argumentsOf(server)}`),
    ],
  };
}

const httpLines: readonly string[] = [
  'option forwardfor',
  'http-reuse safe',
  'retry-on conn-failure empty-response',
  // A connection that failed is always tried elsewhere; a request that was sent only if sending it
  // twice changes nothing.
  'http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE }',
  'http-error status 503 content-type text/plain string "No replica of this service is ready.\\n"',
  ...histogramLines,
];

/** Each server is asked for the path of its own revision, which a map tells. */
const httpCheckLines: readonly string[] = [
  'option httpchk',
  'http-check set-var(check.server) srv_name',
  `http-check send meth GET uri-lf %[be_name,concat(/,check.server),map_str(${checkPathsFile})] ver HTTP/1.1 hdr Host localhost hdr User-Agent gantry-health-check`,
  'http-check expect status 200-399',
];
