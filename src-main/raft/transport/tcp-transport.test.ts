import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { assertDefined } from '#shared/base/assert.ts';
import { systemClock } from '../../platform/clock.ts';
import { HostCluster, silentLog } from '../host/host.fixture.ts';
import { hasOpenssl, makeCertificates } from './certificates.fixture.ts';
import { TcpTransport, type TlsIdentity } from './tcp-transport.ts';

const loopback = '127.0.0.1';
const opened: TcpTransport[] = [];

async function listen(peer: number, tls?: TlsIdentity, group = 1): Promise<TcpTransport> {
  const base = {
    group,
    peer,
    listen: { host: loopback, port: 0 },
    peers: new Map(),
    clock: systemClock,
    log: silentLog,
  };
  const transport = await TcpTransport.listen(tls ? { ...base, tls } : base);
  opened.push(transport);
  return transport;
}

function introduce(transports: ReadonlyMap<number, TcpTransport>): void {
  for (const transport of transports.values()) {
    for (const [peer, other] of transports) transport.setPeer(peer, { host: loopback, port: other.port });
  }
}

/** Sends until a frame arrives: the connection is made in the background. */
async function deliver(from: TcpTransport, to: number, receiver: TcpTransport, frame: Uint8Array): Promise<Uint8Array> {
  const arrived = new Promise<Uint8Array>((resolve) => {
    receiver.onFrame = (_, bytes) => resolve(bytes);
  });
  const sending = systemClock.every(10, () => from.send(to, frame));
  try {
    return await arrived;
  } finally {
    sending.dispose();
  }
}

afterEach(() => {
  for (const transport of opened.splice(0)) transport.dispose();
});

describe('TcpTransport', () => {
  it('delivers frames whole, also large ones, and again after the peer came back', async () => {
    const one = await listen(1);
    const two = await listen(2);
    const { port } = two;
    introduce(
      new Map([
        [1, one],
        [2, two],
      ]),
    );
    const large = new Uint8Array(3_000_000).fill(7);
    expect(Buffer.from(await deliver(one, 2, two, large)).equals(large)).toBe(true);

    const lost = new Promise((resolve) => {
      one.onDidLosePeer = resolve;
    });
    two.dispose();
    expect(await lost).toBe(2);
    const again = await TcpTransport.listen({
      group: 1,
      peer: 2,
      listen: { host: loopback, port },
      peers: new Map(),
      clock: systemClock,
      log: silentLog,
    });
    opened.push(again);
    expect(await deliver(one, 2, again, new Uint8Array([1, 2, 3]))).toEqual(Buffer.from([1, 2, 3]));
  });

  it('refuses a stranger and a peer of another group', async () => {
    const one = await listen(1);
    one.onFrame = () => expect.unreachable('nothing of a stranger is delivered');
    const stranger = connect(one.port, loopback);
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    stranger.resume();
    await once(stranger, 'close');

    const foreign = await listen(2, undefined, 9);
    const refused = new Promise((resolve) => {
      foreign.onDidLosePeer = resolve;
    });
    foreign.setPeer(1, { host: loopback, port: one.port });
    expect(await refused).toBe(1);
  });

  it('asks for TLS off loopback, and names a port that is taken', async () => {
    const base = { group: 1, peer: 1, peers: new Map(), clock: systemClock, log: silentLog };
    await expect(TcpTransport.listen({ ...base, listen: { host: '0.0.0.0', port: 0 } })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    const { port } = await listen(1);
    await expect(TcpTransport.listen({ ...base, listen: { host: loopback, port } })).rejects.toMatchObject({
      code: 'port-taken',
    });
  });
});

describe('three hosts over TCP', () => {
  it('commit over mutual TLS, fail over, and shut out a certificate of another name', async (test) => {
    if (!hasOpenssl()) {
      if (process.env.CI === 'true') throw new Error('openssl is not installed');
      return test.skip('openssl is not installed');
    }
    const certificates = makeCertificates(['node-1', 'node-2', 'node-3', 'node-4']);
    const identity = (name: string): TlsIdentity => assertDefined(certificates.get(name), 'it was made');
    using cluster = new HostCluster([1, 2, 3]);
    const transports = new Map<number, TcpTransport>();
    for (const peer of [1, 2, 3]) transports.set(peer, await listen(peer, identity(`node-${peer}`)));
    for (const [peer, transport] of transports) cluster.start(peer, transport);
    introduce(transports);

    const leader = await cluster.leader();
    expect(await cluster.put(leader, 'over', 'tls')).toMatchObject({ kind: 'applied' });
    const { peer } = leader.status();
    cluster.stop(peer);
    const next = await cluster.leader();
    expect(await cluster.put(next, 'after', 'failover')).toMatchObject({ kind: 'applied' });

    // Says that it is node 2 with the certificate of node 4.
    const impostor = await listen(2, identity('node-4'));
    const target = assertDefined(
      [...transports].find(([other]) => other !== peer && other !== 2),
      'a node that runs',
    );
    const refused = new Promise((resolve) => {
      impostor.onDidLosePeer = resolve;
    });
    impostor.setPeer(target[0], { host: loopback, port: target[1].port });
    expect(await refused).toBe(target[0]);
    expect(cluster.failures).toEqual([]);
  });
});
