/** A listener that leads to pools by host and path: the ingress of a stack. */
import type { EdgeListener, EdgeSpec } from '../ports/edge.ts';
import { hasCertificates } from './check-edge-spec.ts';
import { quoted, type Section } from './config-text.ts';
import { certificateListFile } from './edge-layout.ts';

type RoutesListener = Extract<EdgeListener, { kind: 'routes' }>;
type Route = RoutesListener['routes'][number];

/** Cannot be the name of a pool. */
const noRoute = ':no-route';
const httpsPort = 443;

/** Answers what no route leads anywhere. */
export const noRouteBackend: Section = {
  head: `backend ${noRoute}`,
  body: [
    'mode http',
    'http-request return status 404 content-type text/plain string "No service has a route for this host and path.\\n"',
  ],
};

/**
 * A frontend that asks its routes in order: exact hosts, then wildcards, then any host; of each the
 * longest path first. HAProxy begins without certificates only if told to be strict about names.
 */
export function routesFrontend(listener: RoutesListener, spec: EdgeSpec, mayLackKeys: boolean): Section {
  const isTls = hasCertificates(listener);
  return {
    head: `frontend port-${listener.port}`,
    body: [
      'mode http',
      isTls
        ? `bind *:${listener.port} ssl crt-list ${certificateListFile} alpn h2,http/1.1${mayLackKeys ? ' strict-sni' : ''}`
        : `bind *:${listener.port}`,
      `http-request set-header X-Forwarded-Proto ${isTls ? 'https' : 'http'}`,
      'http-request set-var(txn.host) req.hdr(host),field(1,:),lower',
      // With a slash at its end, so that /api leads to /api and /api/x, not to /apix.
      'http-request set-var(txn.path) path,concat(/)',
      ...(isTls ? [] : listener.redirectToTls.map((host) => redirect(host, publicTlsPort(spec)))),
      ...inOrder(listener.routes).map(
        ({ host, path, pool }) =>
          `use_backend ${pool} if ${host === null ? '' : `${hostCondition(host)} `}{ var(txn.path) -m beg ${quoted(prefixOf(path))} }`,
      ),
      `default_backend ${noRoute}`,
    ],
  };
}

function redirect(host: string, port: number): string {
  const suffix = port === httpsPort ? '' : `:${port}`;
  return `http-request redirect location https://%[var(txn.host)]${suffix}%[pathq] code 308 if ${hostCondition(host)}`;
}

/** Where the person's browser finds TLS. A port that the engine chooses is not known here: 443 is assumed. */
function publicTlsPort(spec: EdgeSpec): number {
  const port = spec.listeners.find(hasCertificates)?.port;
  const published = spec.publish.find(({ containerPort }) => containerPort === port)?.hostPort ?? 0;
  return published === 0 ? httpsPort : published;
}

function hostCondition(host: string): string {
  return host.startsWith('*.')
    ? `{ var(txn.host) -m end ${quoted(host.slice(1))} }`
    : `{ var(txn.host) -m str ${quoted(host)} }`;
}

/** `/api` and `/api/` are the same prefix. */
function prefixOf(path: string): string {
  return `${path.replace(/\/+$/, '')}/`;
}

function inOrder(routes: readonly Route[]): Route[] {
  return [...routes].sort(
    (a, b) =>
      hostRank(a.host) - hostRank(b.host) ||
      (b.host?.length ?? 0) - (a.host?.length ?? 0) ||
      prefixOf(b.path).length - prefixOf(a.path).length,
  );
}

function hostRank(host: string | null): number {
  if (host === null) return 2;
  return host.startsWith('*.') ? 1 : 0;
}
