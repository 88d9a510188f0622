/** What one service at a time can have: ports of the host, and hosts with paths of its stack's ingress. */
import type { PreflightFinding } from '#shared/contract/service-views.ts';
import { routeKey } from '#shared/model/route-key.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';

/** What somebody else has, or is about to have. */
export interface Claims {
  /** For people: "web of this file". */
  readonly owner: string;
  /** A null address stands for any. */
  readonly ports: readonly { readonly address: string | null; readonly port: number }[];
  /** Of the same stack only: each stack has an ingress of its own. */
  readonly routes: readonly { readonly host: string | null; readonly path: string }[];
}

/** What listens at one of these listens at all addresses. */
const everyAddress: ReadonlySet<string> = new Set(['', '0.0.0.0', '::', '*']);

/** What a spec claims by name; ports that are left open are chosen so that nobody has them. */
export function claimsOf(spec: ServiceSpec, owner: string): Claims {
  return {
    owner,
    ports: spec.ports.flatMap(({ publish }) =>
      publish === null || publish.port === null ? [] : [{ address: publish.address, port: publish.port }],
    ),
    routes: spec.routes,
  };
}

/** What a spec claims that somebody else has: at most one finding of each kind. */
export function claimFindings(spec: ServiceSpec, others: readonly Claims[]): PreflightFinding[] {
  const own = claimsOf(spec, '');
  const findings: PreflightFinding[] = [];
  const failed = (check: 'ports' | 'routes', detail: string): void => {
    if (findings.every((finding) => finding.check !== check)) findings.push({ check, verdict: 'failed', detail });
  };
  for (const { owner, ports, routes } of others) {
    const port = own.ports.find((each) => ports.some((other) => meet(each, other)));
    if (port !== undefined) {
      failed(
        'ports',
        `The host's port ${port.port} belongs to ${owner}. Publish another one, or take it from there first.`,
      );
    }
    const route = own.routes.find((each) => routes.some((other) => routeKey(other) === routeKey(each)));
    if (route !== undefined) {
      const text = `${route.host ?? ''}${route.path}`;
      failed(
        'routes',
        `The route ${text} belongs to ${owner}. Choose another host or path, or take it from there first.`,
      );
    }
  }
  return findings;
}

type HostPort = Claims['ports'][number];

function meet(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port) return false;
  if (one.address === null || other.address === null) return true;
  return one.address === other.address || everyAddress.has(one.address) || everyAddress.has(other.address);
}
