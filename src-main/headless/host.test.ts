import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Log } from '#main/ports/log.ts';
import { createContractClient } from '#shared/contract/connect-client.ts';
import { connectWebSocket, type WebSocketLike } from '#shared/contract/connect/websocket.ts';
import { frameBytesMax } from '#shared/contract/codec.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { Port } from '#shared/contract/port.ts';
import { agentRefSchema } from '#shared/model/agent.ts';
import { projectIdSchema } from '#shared/model/ids.ts';
import { type HeadlessHost, openHeadlessHost } from './host.ts';
import { readHostFile } from './host-file.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const handlers: Partial<ContractHandlers> = { 'lane.spawn': async ({ count }) => ({ fleet: count }) };
const spawnOne = { projectId: projectIdSchema.parse('parcel'), agent: agentRefSchema.parse('demo'), count: 1 };

describe('the headless host', () => {
  let folder: string;
  let hosts: HeadlessHost[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-headless-'));
    await writeFile(join(folder, 'index.html'), '<html><head></head></html>');
    hosts = [];
  });

  afterEach(async () => {
    for (const host of hosts) await host.close();
    await rm(folder, { recursive: true });
  });

  const open = async (port = 0, token?: string): Promise<HeadlessHost> => {
    const host = await openHeadlessHost({
      port,
      staticFolder: folder,
      handlers,
      dataFolder: join(folder, 'data'),
      log: silent,
      checkOutputs: true,
      ...(token === undefined ? {} : { token }),
    });
    hosts.push(host);
    return host;
  };
  const tokenOf = (host: HeadlessHost): string => host.url.split('#t=')[1] ?? '';
  const connect = (host: HeadlessHost, token: string, origin?: string): Promise<Port> =>
    connectWebSocket(`ws://127.0.0.1:${host.port}/contract`, token, (url, protocols) => {
      const options = origin === undefined ? {} : { origin };
      return new WebSocket(url, protocols, options) as unknown as WebSocketLike;
    });
  /** The status that an upgrade is answered with; 101 when it is let through. */
  const upgradeStatus = (host: HeadlessHost, headers: Record<string, string>, path = '/contract'): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port: host.port,
        path,
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'Sec-WebSocket-Protocol': `gantry.contract, gantry.token.${tokenOf(host)}`,
          ...headers,
        },
      });
      asked.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.once('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      asked.once('error', reject);
      asked.end();
    });
  const get = async (
    host: HeadlessHost,
    path: string,
    init: { headers?: Record<string, string>; method?: string } = {},
  ) => {
    const asked = request({ host: '127.0.0.1', port: host.port, path, ...init });
    asked.end();
    const [response] = await once(asked, 'response');
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode as number, headers: response.headers as Record<string, string>, body };
  };

  it('serves page and contract to who has the address, and publishes it for the same user', async () => {
    const host = await open();
    expect(await readHostFile(join(folder, 'data'))).toEqual({
      port: host.port,
      token: tokenOf(host),
      pid: process.pid,
      url: host.url,
    });
    const page = await get(host, '/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const client = createContractClient(() => connect(host, tokenOf(host), `http://127.0.0.1:${host.port}`));
    expect(await client.call('lane.spawn', spawnOne)).toEqual({ fleet: 1 });
    expect(host.connections()).toBe(1);
    client.close();
    await expect.poll(() => host.connections()).toBe(0);
  });

  it('makes a token of 256 bits, another at each start', async () => {
    const tokens = [tokenOf(await open()), tokenOf(await open())];
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('tells a client with a wrong token so, which then does not try again', async () => {
    const host = await open();
    const origin = `http://127.0.0.1:${host.port}`;
    for (const token of ['wrong', `${tokenOf(host)}x`]) {
      const client = createContractClient(() => connect(host, token, origin));
      await expect(client.call('lane.spawn', spawnOne)).rejects.toMatchObject({ code: 'unauthorised' });
      expect(client.connection.state).toBe('refused');
      client.close();
    }
    expect(host.connections()).toBe(0);
  });

  it('stops answering who keeps trying tokens, and still lets the right one in', async () => {
    const host = await open();
    const origin = `http://127.0.0.1:${host.port}`;
    const wrong = { Origin: origin, 'Sec-WebSocket-Protocol': 'gantry.contract, gantry.token.wrong' };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 15; attempt += 1) statuses.push(await upgradeStatus(host, wrong));
    expect(statuses[0]).toBe(101);
    expect(statuses.at(-1)).toBe(429);
    expect(await upgradeStatus(host, { Origin: origin })).toBe(101);
  });

  it('serves at most 32 connections', async () => {
    const host = await open();
    const origin = `http://127.0.0.1:${host.port}`;
    const ports = await Promise.all(Array.from({ length: 32 }, () => connect(host, tokenOf(host), origin)));
    expect(await upgradeStatus(host, { Origin: origin })).toBe(503);
    ports[0]?.close();
    await expect.poll(() => host.connections()).toBe(31);
    expect(await upgradeStatus(host, { Origin: origin })).toBe(101);
    for (const port of ports) port.close();
  });

  it('turns away other hosts, other origins and none, other paths and methods', async () => {
    const host = await open();
    const own = { Origin: `http://127.0.0.1:${host.port}` };
    expect(await upgradeStatus(host, own)).toBe(101);
    expect(await upgradeStatus(host, {})).toBe(403);
    expect(await upgradeStatus(host, { Origin: 'http://127.0.0.1' })).toBe(403);
    expect(await upgradeStatus(host, { Origin: 'http://evil.example' })).toBe(403);
    expect(await upgradeStatus(host, { ...own, Host: `evil.example:${host.port}` })).toBe(421);
    expect(await upgradeStatus(host, own, '/')).toBe(404);
    expect((await get(host, '/', { headers: { Host: 'evil.example' } })).status).toBe(421);
    expect((await get(host, '/', { headers: { Origin: 'http://evil.example' } })).status).toBe(403);
    expect((await get(host, '/', { method: 'POST' })).status).toBe(405);
    expect((await get(host, '/data/host.json/../../index.html')).status).toBe(404);
    expect(await get(host, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('closes on a message that is larger than any may be', async () => {
    const host = await open();
    const port = await connect(host, tokenOf(host), `http://127.0.0.1:${host.port}`);
    const closed = new Promise((resolve) => port.onClose(resolve));
    port.send(new Uint8Array(frameBytesMax + 1));
    expect(await closed).toMatchObject({ kind: 'failed' });
  });

  it('never compresses, so that lengths of secrets and of text do not mix', async () => {
    const host = await open();
    const asked = new WebSocket(
      `ws://127.0.0.1:${host.port}/contract`,
      ['gantry.contract', `gantry.token.${tokenOf(host)}`],
      { origin: `http://127.0.0.1:${host.port}`, perMessageDeflate: true },
    );
    await once(asked, 'open');
    expect(asked.extensions).toBe('');
    expect(asked.protocol).toBe('gantry.contract');
    asked.terminate();
  });

  it('says which port is taken and what to do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const failure = await open(port).catch((error: GantryError) => error);
    expect(failure).toMatchObject({ code: 'port-taken', data: { port } });
    expect((failure as GantryError).message).toContain(`Port ${port} is taken`);
    expect((failure as GantryError).message).toContain(`--port ${port + 1}`);
    await new Promise((resolve) => other.close(resolve));
  });

  it('refuses to listen beyond loopback', async () => {
    const opening = openHeadlessHost({
      address: '0.0.0.0',
      staticFolder: folder,
      handlers,
      dataFolder: join(folder, 'data'),
      log: silent,
    });
    await expect(opening).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await readHostFile(join(folder, 'data'))).toBeNull();
  });

  it('ends in order: clients are told, the file and the port are given back', async () => {
    const host = await open();
    const client = createContractClient(() => connect(host, tokenOf(host), `http://127.0.0.1:${host.port}`));
    await client.call('lane.spawn', spawnOne);
    await Promise.all([host.close(), host.close()]);
    await expect.poll(() => client.connection.state).toBe('reconnecting');
    expect(await readHostFile(join(folder, 'data'))).toBeNull();

    client.close();
  });

  it('takes an open panel back after a restart, but no longer the address of before', async () => {
    const host = await open();
    const origin = `http://127.0.0.1:${host.port}`;
    const offered: string[] = [];
    const client = createContractClient((ticket) => {
      offered.push(ticket ?? 'the token');
      return connect(host, ticket ?? tokenOf(host), origin);
    });
    await client.call('lane.spawn', spawnOne);
    await host.close();
    await expect.poll(() => client.connection.state).toBe('reconnecting');
    await open(host.port);
    await expect.poll(() => client.connection.state, { timeout: 15_000 }).toBe('connected');
    expect(offered[0]).toBe('the token');
    expect(offered.at(-1)).not.toContain(tokenOf(host));
    expect(await client.call('lane.spawn', spawnOne)).toEqual({ fleet: 1 });
    client.close();

    const late = createContractClient(() => connect(host, tokenOf(host), origin));
    await expect(late.call('lane.spawn', spawnOne)).rejects.toMatchObject({ code: 'unauthorised' });
    late.close();
  });
});
