/**
 * Finds the host that serves a data folder, or starts one for as long as this command runs.
 * A host that was started here ends when its standard input closes, so that not even kill -9
 * of this command leaves it behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type ConnectedContractClient, createContractClient } from '#shared/contract/connect-client.ts';
import { connectWebSocket, type WebSocketLike } from '#shared/contract/connect/websocket.ts';
import { GantryError } from '#shared/contract/error.ts';

/** What a host writes into `host.json`. */
const publishedHostSchema = z.object({
  port: z.number().int().positive(),
  token: z.string(),
  pid: z.number().int().positive(),
});
type PublishedHost = z.infer<typeof publishedHostSchema>;

/** V8's nursery, in MB. It would grow to 16 for messages that all die young. */
const smallNursery = '--max-semi-space-size=8';
/** How long a host may take to start: it opens three databases and elects a leader. */
const hostStartMs = 60_000;

/** A client, and the host behind it. */
export interface HostConnection {
  readonly client: ConnectedContractClient;
  /** True when the host was started for this command. */
  readonly owned: boolean;
  /** Ends the connection, and the host if it is owned. */
  close(): Promise<void>;
}

/** The host that serves `home` now, if any. */
export function findHost(home: string): PublishedHost | null {
  let text: string;
  try {
    text = readFileSync(join(home, 'host.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = publishedHostSchema.safeParse(JSON.parse(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
}

/** What a host that is started for a command leaves undone: everything, or only what agents would do. */
export interface HostLimits {
  readonly viewOnly: boolean;
  readonly withoutAgents?: boolean;
}

/** Connects to the host of `home`; starts one when none runs, which with `viewOnly` sets nothing to work. */
export async function connectHost(home: string, limits: HostLimits): Promise<HostConnection> {
  const running = findHost(home);
  if (running) {
    const client = openHostClient(running);
    return { client, owned: false, close: () => Promise.resolve(client.close()) };
  }
  const args = ['--port', '0', '--no-open', '--until-stdin-closes'];
  if (limits.viewOnly) args.push('--view-only');
  if (limits.withoutAgents === true) args.push('--without-agents');
  const child = spawn(process.execPath, [smallNursery, hostProgram(), ...args], {
    env: { ...process.env, GANTRY_HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for this command; it ends the host in order afterwards.
    detached: true,
  });
  const started = await untilPublished(child, home);
  const client = openHostClient(started);
  return {
    client,
    owned: true,
    async close() {
      client.close();
      await ended(child);
    },
  };
}

/** A client of a host that published itself. */
export function openHostClient(host: PublishedHost): ConnectedContractClient {
  const origin = `http://127.0.0.1:${host.port}`;
  return createContractClient(() =>
    connectWebSocket(
      `ws://127.0.0.1:${host.port}/contract`,
      host.token,
      (url, protocols) =>
        new WebSocket(url, protocols, { origin, perMessageDeflate: false }) as unknown as WebSocketLike,
    ),
  );
}

/** Beside the sources, or beside the bundle. */
function hostProgram(): string {
  const path = import.meta.url.endsWith('.ts') ? '../headless/main.ts' : './headless.js';
  return fileURLToPath(new URL(path, import.meta.url));
}

function untilPublished(child: ChildProcess, home: string): Promise<PublishedHost> {
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4_000)));
  return new Promise((resolve, reject) => {
    const poll = setInterval(() => {
      const host = findHost(home);
      if (host?.pid === child.pid && host) settle(() => resolve(host));
    }, 50);
    const timeout = setTimeout(() => {
      child.kill('SIGTERM');
      settle(() =>
        reject(new GantryError('unavailable', `Gantry did not start within ${hostStartMs / 1_000} s. ${said.trim()}`)),
      );
    }, hostStartMs);
    const onExit = (code: number | null): void => {
      settle(() =>
        reject(new GantryError('unavailable', said.trim() || `Gantry could not start (exit code ${code}).`)),
      );
    };
    child.once('exit', onExit);
    child.stdout?.resume();
    function settle(finish: () => void): void {
      clearInterval(poll);
      clearTimeout(timeout);
      child.off('exit', onExit);
      finish();
    }
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
