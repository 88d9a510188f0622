/**
 * An edge's spec as a configuration of HAProxy 2.6 and later. Pure: the same spec gives the same
 * text. All that can be changed while it runs (servers, their states and weights) is kept out of
 * the `structure`, so that comparing structures tells whether a reload is needed.
 */
import { createHash } from 'node:crypto';
import type { EdgeListener, EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { hasCertificates } from './check-edge-spec.ts';
import { configText, quoted, type Section } from './config-text.ts';
import { serverStateFile } from './edge-layout.ts';
import { histogramLines } from './latency-histogram.ts';
import { noRouteBackend, routesFrontend } from './routes-config.ts';

/** A new or failed server is checked this often until it answers, so that its recovery is seen at once. */
const recheckMs = 100;
/** A replica is on the same host or a near one: one that does not accept in this time is gone. */
const connectMs = 1_000;
/** Idle connections to a server are closed before it does so itself: Node's default is 5 s. */
const idlePurgeMs = 2_000;
/** Failed connections in a row that take a server out before its next check says so. */
const connectionFailuresMax = 3;
/** A reload ends what has not ended by itself after this time; never sooner than a second. */
const hardStopMsMin = 1_000;
/** More would only cost memory: one thread carries tens of thousands of requests a second. */
const threadsMax = 4;

/** The whole configuration. `cpus` are the engine's. */
export function renderConfig(spec: EdgeSpec, cpus: number): string {
  return render(spec, cpus, structureOf(spec, cpus));
}

/**
 * Names what only a reload can change: listeners, pools, checks, routes, certificates. A running
 * balancer tells its own as its description.
 */
export function structureOf(spec: EdgeSpec, cpus: number): string {
  const bare = { ...spec, pools: spec.pools.map((pool) => ({ ...pool, servers: [] })) };
  const certificates = spec.listeners.flatMap((listener) => (listener.kind === 'routes' ? listener.certificates : []));
  const options = spec.pools.map((pool) => checkOptions(pool).join(' '));
  const text = [render(bare, cpus, ''), ...options, JSON.stringify(certificates)].join('\n');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 20);
  return spec.listeners.some(hasCertificates) ? `tls-${hash}` : hash;
}

/** Address and options of a server, as a configuration and `add server` take them alike. */
export function serverArguments(server: EdgeServer, pool: EdgePool): string {
  return [serverAddress(server, pool), ...checkOptions(pool), `weight ${server.weight}`].join(' ');
}

/** Address and port, with brackets where they are needed. */
export function serverAddress({ address }: EdgeServer, { containerPort }: EdgePool): string {
  return `${address.includes(':') ? `[${address}]` : address}:${containerPort}`;
}

function checkOptions({ check, containerPort }: EdgePool): string[] {
  const soonMs = Math.min(check.intervalMs, recheckMs);
  return [
    `check inter ${check.intervalMs} fastinter ${soonMs} downinter ${soonMs} rise 1 fall ${check.failuresMax}`,
    ...(check.port === containerPort ? [] : [`port ${check.port}`]),
    `pool-purge-delay ${idlePurgeMs}ms`,
    `observe layer4 error-limit ${connectionFailuresMax} on-error mark-down`,
  ];
}

function render(spec: EdgeSpec, cpus: number, structure: string): string {
  const global = [
    ...(structure === '' ? [] : [`description ${structure}`]),
    'no strict-limits',
    // The engine's own limit may be a million, for which memory would be set aside.
    'fd-hard-limit 32768',
    `nbthread ${Math.min(Math.max(1, cpus), threadsMax)}`,
    `hard-stop-after ${Math.max(spec.drainMs, hardStopMsMin)}ms`,
    `server-state-file ${serverStateFile}`,
    'ssl-default-bind-options ssl-min-ver TLSv1.2',
  ];
  return configText([
    { head: 'global', body: global },
    { head: 'defaults', body: defaultLines },
    ...spec.listeners.map((listener) => frontend(listener, spec)),
    ...(spec.listeners.some(({ kind }) => kind === 'routes') ? [noRouteBackend] : []),
    ...spec.pools.map(backend),
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

function frontend(listener: EdgeListener, spec: EdgeSpec): Section {
  if (listener.kind === 'routes') return routesFrontend(listener, spec);
  const pool = spec.pools.find(({ name }) => name === listener.pool);
  return {
    head: `frontend port-${listener.port}`,
    body: [`mode ${pool?.protocol ?? 'tcp'}`, `bind *:${listener.port}`, `default_backend ${listener.pool}`],
  };
}

function backend(pool: EdgePool): Section {
  return {
    head: `backend ${pool.name}`,
    body: [
      `mode ${pool.protocol}`,
      'balance roundrobin',
      `timeout check ${pool.check.timeoutMs}ms`,
      ...(pool.check.kind === 'http' ? httpCheckLines(pool.check.path) : []),
      ...(pool.protocol === 'http' ? httpLines : []),
      ...pool.servers.map((server) => `server ${server.name} ${serverArguments(server, pool)}`),
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

function httpCheckLines(path: string): string[] {
  return [
    'option httpchk',
    `http-check send meth GET uri ${quoted(path)} ver HTTP/1.1 hdr Host localhost hdr User-Agent gantry-health-check`,
    'http-check expect status 200-399',
  ];
}
