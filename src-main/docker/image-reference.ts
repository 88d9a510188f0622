/** Names of images: `[registry/]path[:tag][@digest]`. */

/** Docker Hub's name where logins are kept. */
export const hubLogin = 'https://index.docker.io/v1/';

export interface ImageReference {
  /** Everything before tag and digest, as it was written. */
  readonly name: string;
  /** Null where a digest stands instead. */
  readonly tag: string | null;
  readonly digest: string | null;
}

/** Takes a reference apart; without tag and digest the tag is `latest`. */
export function parseReference(reference: string): ImageReference {
  const [rest = '', digest = null] = reference.split('@');
  // A colon before the last slash is a registry's port.
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? null : rest.slice(colon + 1);
  return { name, tag: digest === null ? tag || 'latest' : null, digest };
}

/** The registry of a name as Docker's logins are kept: a host, or Docker Hub's address. */
export function registryOf(name: string): string {
  const [first = '', ...more] = name.split('/');
  const isHost = more.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return !isHost || first === 'docker.io' || first === 'index.docker.io' ? hubLogin : first;
}
