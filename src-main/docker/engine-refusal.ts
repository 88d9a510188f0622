/** What an engine or the way to it says when something does not happen, as a reason and a sentence for people. */
import type { EngineRefusal } from '../ports/engine.ts';

type Reason = EngineRefusal['reason'];

/** Ordered: the first that fits what the engine said. `{…}` in a sentence is a group of the pattern. */
const said: readonly { pattern: RegExp; reason: Reason; message: string }[] = [
  {
    pattern:
      /port is already allocated|address already in use|ports are not available|failed to bind host port|only one usage of each socket address/i,
    reason: 'port-taken',
    message: 'A port on the host is taken. Choose another one, or end what listens there.',
  },
  {
    pattern: /no space left on device|disk quota exceeded|not enough space/i,
    reason: 'disk-full',
    message: 'The engine’s disk is full. Remove images, volumes or build caches that are not needed.',
  },
  {
    pattern:
      /no matching manifest for|exec format error|does not match the (specified|detected host) platform|image operating system .* cannot be used/i,
    reason: 'wrong-architecture',
    message: 'The image is not made for this host’s architecture. Build or choose one that is.',
  },
  {
    pattern:
      /pull access denied|authentication required|unauthorized|no basic auth credentials|may require .?docker login|denied: |insufficient_scope/i,
    reason: 'access-denied',
    message: 'The registry does not let this image be pulled. Check its name, or log in with “docker login”.',
  },
  {
    pattern: /is already in use by container|the container name .* is already in use|name .* is in use/i,
    reason: 'name-taken',
    message: 'Another container has this name.',
  },
  {
    pattern:
      /no such image|manifest (for .* not found|unknown)|not found: manifest unknown|image not known|repository .* not found|failed to resolve reference .* not found/i,
    reason: 'no-such-image',
    message: 'There is no such image. Check its name and tag.',
  },
  {
    pattern:
      /volume is in use|image is being used|image has dependent child|has active endpoints|is using its referenced image|must be forced\) - .* is being used/i,
    reason: 'in-use',
    message: 'It is still in use by a container.',
  },
  {
    pattern:
      /OCI runtime|oci permission denied|executable file not found|failed to create (shim )?task|no command specified|starting container process caused|unable to find user|no matching entries in (passwd|group)/i,
    reason: 'not-started',
    message: 'The container’s command could not be started. Check command, entrypoint and user.',
  },
  {
    pattern: /non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/i,
    reason: 'refused',
    message: 'The engine has no address range left for another network. Remove networks that nothing uses.',
  },
];

const missing: readonly { pattern: RegExp; reason: Reason; message: string }[] = [
  {
    pattern: /no such (container|exec)|no container/i,
    reason: 'no-such-container',
    message: 'There is no such container.',
  },
  { pattern: /no such volume/i, reason: 'no-such-volume', message: 'There is no such volume.' },
  { pattern: /network .*not found|no such network/i, reason: 'no-such-network', message: 'There is no such network.' },
];

/** What is refused for a status and the engine's own words. `doing` names what was asked: "start the container". */
export function refusalOfAnswer(status: number, detail: string, doing: string): EngineRefusal {
  const known = said.find(({ pattern }) => pattern.test(detail));
  if (known) return { reason: known.reason, message: known.message, detail };
  const gone = status === 404 ? missing.find(({ pattern }) => pattern.test(detail)) : undefined;
  if (gone) return { reason: gone.reason, message: gone.message, detail };
  const words = detail.trim().replace(/\.$/, '') || `status ${status}`;
  return { reason: 'refused', message: `The engine refused to ${doing}: ${words}.`, detail };
}

/** What is refused when no answer came. `where` is the engine's address. */
export function refusalOfFailure(error: Error, where: string): EngineRefusal {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const detail = error.message || code;
  const message = ((): string => {
    switch (code) {
      case 'EACCES':
      case 'EPERM':
        return `The engine at ${where} may not be used by this user. Join the group “docker”, or use a rootless engine.`;
      case 'ENOENT':
      case 'ECONNREFUSED':
        return `No engine answers at ${where}. Start it.`;
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return `The name of ${where} is not known. Check the address.`;
      case 'EHOSTUNREACH':
      case 'ENETUNREACH':
      case 'ETIMEDOUT':
        return `${where} cannot be reached over the network.`;
      default:
        return /certificate|_CERT|TLS|SSL/i.test(`${code} ${detail}`)
          ? `The engine at ${where} and this machine do not trust each other: ${detail}. Check the certificates.`
          : `The connection to the engine at ${where} broke: ${detail}.`;
    }
  })();
  return { reason: 'unreachable', message, detail };
}

/** What is refused when the engine took longer than `deadlineMs`. */
export function refusalOfDeadline(deadlineMs: number, doing: string): EngineRefusal {
  return {
    reason: 'timeout',
    message: `The engine did not answer within ${Math.round(deadlineMs / 100) / 10} s when asked to ${doing}. It may hang; restart it if that goes on.`,
    detail: `no answer within ${deadlineMs} ms`,
  };
}

/** What is refused when the caller gave up, or Gantry closes. */
export function refusalOfAbort(doing: string): EngineRefusal {
  return { reason: 'refused', message: `It was cancelled before the engine could ${doing}.`, detail: 'aborted' };
}

/** What is refused when the way to the engine was given up meanwhile. */
export function refusalOfClose(doing: string): EngineRefusal {
  return {
    reason: 'unreachable',
    message: `The connection to the engine was lost before it could ${doing}.`,
    detail: 'closed',
  };
}

/** What is refused by an engine that is ending: whatever it said, it was not about what was asked. */
export function refusalOfEnding(doing: string): EngineRefusal {
  return { reason: 'unreachable', message: `The engine is ending, so it did not ${doing}.`, detail: 'ending' };
}

/** What is refused when what was to be sent could not be read: the caller's trouble, not the engine's. */
export function refusalOfSource(error: Error, doing: string): EngineRefusal {
  const message = `What the engine was to be sent to ${doing} could not be read: ${error.message}.`;
  return { reason: 'refused', message, detail: error.message };
}

/** What is refused when a stream ends before its time. `what` is what it carried: "the log". */
export function refusalOfBreak(what: string, error: Error): EngineRefusal {
  const message = `The connection to the engine broke while it sent ${what}. What came before is complete; ask again.`;
  return { reason: 'unreachable', message, detail: error.message };
}

/** A failure in the midst of a stream that an engine sends. */
export class EngineStreamError extends Error {
  readonly refusal: EngineRefusal;

  constructor(refusal: EngineRefusal) {
    super(refusal.message);
    this.name = 'EngineStreamError';
    this.refusal = refusal;
  }
}
