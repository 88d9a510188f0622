/** Gives each lane a range of TCP ports of its own. */
import { createServer } from 'node:net';
import type { LaneWorkspace } from '#shared/model/lane.ts';

/** Where ranges begin, how long each is, and where they end. */
export const portsFirst = 41_000;
export const portsPerLane = 10;
export const portsLast = 61_999;

/** Asks the machine whether a port of the loopback interface can be listened on. */
export interface PortProbe {
  isFree(port: number): Promise<boolean>;
}

/** Probes by listening for a moment. */
export const listeningPortProbe: PortProbe = {
  isFree(port) {
    return new Promise((resolve) => {
      const server = createServer();
      server.unref();
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
    });
  },
};

/** A range of ports, both ends included. */
export interface PortRange {
  readonly portFirst: number;
  readonly portLast: number;
}

/**
 * Hands out ranges that no live lane has and whose first port is free. A range stays taken until
 * it is released or stands in a lane's stored workspace.
 */
export class PortRanges {
  readonly #probe: PortProbe;
  readonly #handedOut = new Set<number>();

  constructor(probe: PortProbe) {
    this.#probe = probe;
  }

  /** Answers null when all ranges are taken. */
  async take(live: readonly Pick<LaneWorkspace, 'portFirst'>[]): Promise<PortRange | null> {
    const stored = new Set(live.map((workspace) => workspace.portFirst));
    for (let first = portsFirst; first + portsPerLane - 1 <= portsLast; first += portsPerLane) {
      if (stored.has(first) || this.#handedOut.has(first)) continue;
      // Taken before the probe, since another lane may ask while it runs.
      this.#handedOut.add(first);
      if (await this.#probe.isFree(first)) return { portFirst: first, portLast: first + portsPerLane - 1 };
      this.#handedOut.delete(first);
    }
    return null;
  }

  /** The range is in the stored state now, or was not used after all. */
  release(range: PortRange): void {
    this.#handedOut.delete(range.portFirst);
  }
}
