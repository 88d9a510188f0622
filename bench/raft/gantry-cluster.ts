/** Three Raft nodes in three processes on loopback, with their data in a temporary folder. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TcpAddress } from '#main/raft/transport/tcp-transport.ts';
import type { NodeNews, NodeOrder } from './node-process.ts';

const program = fileURLToPath(new URL('./node-process.ts', import.meta.url));
const voters = [1, 2, 3];
const host = '127.0.0.1';

interface Member {
  readonly peer: number;
  readonly child: ChildProcess;
  readonly peerPort: number;
  readonly clientPort: number;
}

/** Where clients find the leader; dispose it to end everything. */
export interface BenchCluster extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

function order(child: ChildProcess, message: NodeOrder): void {
  child.send(message);
}

function news<Type extends NodeNews['type']>(
  child: ChildProcess,
  type: Type,
  wanted: (told: Extract<NodeNews, { type: Type }>) => boolean = () => true,
): Promise<Extract<NodeNews, { type: Type }>> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`a node ended with ${code}`)));
    child.on('message', (told: NodeNews) => {
      if (told.type !== type) return;
      const matching = told as Extract<NodeNews, { type: Type }>;
      if (wanted(matching)) resolve(matching);
    });
  });
}

export async function startGantryCluster(): Promise<BenchCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
  const children = voters.map(() => fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  const end = async (): Promise<void> => {
    await Promise.all(
      children.map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.disconnect();
        return ended;
      }),
    );
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const leader = Promise.any(children.map((child) => news(child, 'leader', (told) => told.leader !== 0)));
    const members: Member[] = await Promise.all(
      children.map(async (child, at) => {
        const peer = voters[at] ?? 0;
        order(child, { type: 'listen', peer, folder: join(folder, `node-${peer}`), voters });
        const { peerPort, clientPort } = await news(child, 'listening');
        return { peer, child, peerPort, clientPort };
      }),
    );
    const peers = members.map(({ peer, peerPort }): [number, TcpAddress] => [peer, { host, port: peerPort }]);
    for (const { child } of members) order(child, { type: 'meet', peers });
    const { leader: leading } = await leader;
    const port = members.find(({ peer }) => peer === leading)?.clientPort ?? 0;
    return { host, port, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
