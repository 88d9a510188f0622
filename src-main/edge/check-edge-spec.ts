/**
 * Whether a spec can be written into a configuration. Names, hosts and paths come from people;
 * what passes here has no character that the configuration's language or the command line of the
 * balancer would take for its own.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { EdgeListener, EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { serverNameCharactersMax } from './latency-histogram.ts';

const poolName = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}$/;
const serverName = new RegExp(`^[A-Za-z0-9_.-]{1,${serverNameCharactersMax}}$`);
const certificateName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const hostName = /^(\*\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/;
/** Path and query as they stand in a request (RFC 3986). */
const urlPath = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?[\]]{0,2000}$/;
/** One label of the name service. */
const networkName = /^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const ipAddress = /^(\d{1,3}\.){3}\d{1,3}$|^[0-9a-f:]*:[0-9a-f:.]*$/i;

/** What is wrong with a spec, as a sentence for the person; null if it can be carried out. */
export function problemOfSpec(spec: EdgeSpec): string | null {
  return (
    repeated(
      'pool',
      spec.pools.map(({ name }) => name),
    ) ??
    repeated(
      'listener on port',
      spec.listeners.map(({ port }) => String(port)),
    ) ??
    first(spec.pools, problemOfPool) ??
    first(spec.listeners, (listener) => problemOfListener(listener, spec))
  );
}

function problemOfPool(pool: EdgePool): string | null {
  if (!poolName.test(pool.name)) return `“${pool.name}” is no name for a pool: letters, digits, dot, dash, underscore.`;
  return (
    repeated(
      `server of ${pool.name}`,
      pool.servers.map(({ name }) => name),
    ) ?? first(pool.servers, (server) => problemOfServer(server, pool))
  );
}

function problemOfServer(server: EdgeServer, pool: EdgePool): string | null {
  const { name, address, hostName, port, check, weight } = server;
  if (!isPort(port) || !isPort(check.port)) return `The server ${name} of ${pool.name} has no valid port.`;
  if (!urlPath.test(check.path)) return unwritablePath('health check', check.path);
  if (!serverName.test(name)) {
    return `“${name}” is no name for a server of ${pool.name}: letters, digits, dot, dash, underscore, at most ${serverNameCharactersMax}.`;
  }
  if (!ipAddress.test(address)) return `“${address}” of ${name} is no address of a replica.`;
  if (hostName !== undefined && !networkName.test(hostName))
    return `“${hostName}” of ${name} is no name on the network.`;
  if (!Number.isInteger(weight) || weight < 0 || weight > 256) return `The weight of ${name}, ${weight}, is not 0–256.`;
  return null;
}

function problemOfListener(listener: EdgeListener, spec: EdgeSpec): string | null {
  if (!isPort(listener.port)) return `${listener.port} is no port to listen on.`;
  const pools = new Map(spec.pools.map((pool) => [pool.name, pool]));
  const wanted = listener.kind === 'pool' ? [listener.pool] : listener.routes.map(({ pool }) => pool);
  const missing = wanted.find((name) => !pools.has(name));
  if (missing !== undefined) return `Port ${listener.port} leads to a pool that is not there: ${missing}.`;
  if (listener.kind === 'pool') return null;
  const raw = wanted.find((name) => pools.get(name)?.protocol === 'tcp');
  if (raw !== undefined) return `A route leads to ${raw}, which is tcp: routes need http.`;
  if (listener.redirectToTls.length > 0 && !spec.listeners.some(hasCertificates)) {
    return `Port ${listener.port} sends plain requests to HTTPS, but no listener has a certificate.`;
  }
  const hosts = [...listener.routes.flatMap(({ host }) => host ?? []), ...listener.redirectToTls];
  return (
    first(hosts, problemOfHost) ??
    first(listener.routes, ({ path }) => (urlPath.test(path) ? null : unwritablePath('route', path))) ??
    first(listener.certificates, problemOfCertificate)
  );
}

function problemOfHost(host: string): string | null {
  return hostName.test(host) ? null : `“${host}” is no host name in lower case.`;
}

function problemOfCertificate({
  name,
  pem,
  hosts,
}: {
  name: string;
  pem: string;
  hosts: readonly string[];
}): string | null {
  if (!certificateName.test(name)) {
    return `“${name}” is no name for a certificate: letters, digits, dot, dash, underscore.`;
  }
  return first(hosts, problemOfHost) ?? problemOfPem(name, pem);
}

function problemOfPem(name: string, pem: string): string | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return `The certificate ${name} cannot be read. It has to be PEM: the chain, the server's own certificate first, and the key.`;
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(pem))) return null;
    return `The key of the certificate ${name} belongs to another certificate.`;
  } catch {
    return `The certificate ${name} has no private key that can be read. The bundle has to contain it as PEM, without a passphrase.`;
  }
}

/** Whether a listener speaks TLS. */
export function hasCertificates(listener: EdgeListener): boolean {
  return listener.kind === 'routes' && listener.certificates.length > 0;
}

function unwritablePath(what: string, path: string): string {
  return `The path “${path}” of a ${what} cannot be asked for: write it as in a URL, with spaces and other letters percent-encoded.`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function repeated(what: string, names: readonly string[]): string | null {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `There is more than one ${what} ${twice}.`;
}

function first<T>(values: readonly T[], problem: (value: T) => string | null): string | null {
  for (const value of values) {
    const found = problem(value);
    if (found !== null) return found;
  }
  return null;
}
