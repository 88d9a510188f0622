/** Raft hosts in one process, each with its own folder, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../ports/log.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { encodeProposal } from '../../state/proposal.ts';
import { openStateMachine } from '../../state/state-machine.ts';
import type { PeerTransport } from '../transport/peer-transport.ts';
import type { HostEvents, SnapshotThresholds } from './host-options.ts';
import { openNodeFiles } from './node-files.ts';
import type { ProposalOutcome } from './proposal-queue.ts';
import { RaftHost } from './raft-host.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** A cluster of hosts over whatever transport each is given. */
export class HostCluster implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'gantry-host-'));
  readonly hosts = new Map<number, RaftHost>();
  readonly failures: Error[] = [];
  readonly #voters: readonly number[];
  readonly #listeners = new Set<() => void>();
  #sequence = 0;

  constructor(voters: readonly number[]) {
    this.#voters = voters;
  }

  start(peer: number, transport: PeerTransport, thresholds?: SnapshotThresholds): RaftHost {
    const founding = { voters: this.#voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const files = openNodeFiles({
      folder: join(this.folder, `node-${peer}`),
      identity: { group: 1, peer },
      mustExist: false,
      founding,
      openStateMachine,
    });
    const tell = (): void => {
      for (const listener of [...this.#listeners]) listener();
    };
    const events: HostEvents = {
      applied: tell,
      restored: tell,
      changed: tell,
      failed: (error) => {
        this.failures.push(error);
        tell();
      },
    };
    const given = {
      group: 1,
      peer,
      files,
      transport,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      events,
    };
    const host = new RaftHost(thresholds ? { ...given, thresholds } : given);
    this.hosts.set(peer, host);
    return host;
  }

  stop(peer: number): void {
    this.hosts.get(peer)?.dispose();
    this.hosts.delete(peer);
  }

  /** Resolves once `condition` answers something; asked after each event of any host. */
  until<T>(condition: () => T | null): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = condition();
        if (found === null) return;
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      check();
    });
  }

  leader(): Promise<RaftHost> {
    return this.until(() => [...this.hosts.values()].find((host) => host.status().role === 'leader') ?? null);
  }

  /** Proposes a setting once, at one host. */
  put(host: RaftHost, key: string, value: string): Promise<ProposalOutcome> {
    this.#sequence += 1;
    const command = { kind: 'setting.put', key, value, atMs: 1 } as const;
    const data = encodeProposal({ session: 'test', sequence: this.#sequence, command });
    return new Promise((resolve) => host.propose(data, resolve));
  }

  [Symbol.dispose](): void {
    for (const peer of [...this.hosts.keys()]) this.stop(peer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
