/** The part of the conformance suite that is about streams. */
import { beforeEach, expect, it } from 'vitest';
import type { LogObserver } from './client.ts';
import { decodeFrame } from './codec.ts';
import { type Bench, demo, inProject, keys, type LogItem, ofLane, View, waiting } from './conformance-bench.ts';
import type { Connection } from './connect-client.ts';
import type { GantryError } from './error.ts';
import type { Port } from './port.ts';
import { hostFrameSchema, logPauseBytes, stateFramesAhead } from './wire.ts';

/** Streams: conflation, flow control, resumption. */
export function describeStreams(current: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = current();
  });

  it('sends a snapshot, then what changed', async () => {
    bench.host.set('conform001', 1);
    bench.host.set('conform002', 1);
    const view = new View();
    bench.connectClient().watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => view.snapshots, waiting).toBe(1);
    bench.host.set('conform002', 2);
    bench.host.set('conform003', 2);
    bench.host.delete('conform001');
    await expect.poll(() => [...view.values.keys()].sort(), waiting).toEqual(['conform002', 'conform003']);
    expect(view.values).toEqual(bench.host.view);
    expect(view.snapshots).toBe(1);
  });

  it('sends an empty snapshot of nothing, so that nothing can be told from not yet', async () => {
    const view = new View();
    bench.connectClient().watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => view.snapshots, waiting).toBe(1);
    expect(view.values.size).toBe(0);
  });

  it('sends a large snapshot in several frames and shows it as one', async () => {
    for (let index = 0; index < 2_500; index += 1) bench.host.set(`conform${index}`, 1);
    const view = new View();
    bench.connectClient().watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => view.snapshots, waiting).toBe(1);
    expect(view.values).toEqual(bench.host.view);
  });

  it('conflates for a reader that stalls, and ends with the host’s view', async () => {
    const raw = await bench.connectRaw();
    raw.hello();
    raw.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
    await expect.poll(() => bench.host.sinks.size, waiting).toBe(1);
    for (let update = 0; update < 20_000; update += 1) {
      bench.host.set(keys[update % keys.length] ?? '', update);
      // Lets flushes happen in between, as they would over four seconds.
      if (update % 1_000 === 0) await raw.settled();
    }
    bench.host.delete('conform007');
    await raw.settled();
    expect(raw.of('state').length).toBeLessThanOrEqual(stateFramesAhead);

    const values = new Map<string, unknown>();
    let applied = 0;
    const apply = (): number => {
      for (const frame of raw.of('state').slice(applied)) {
        applied += 1;
        expect(frame.rev).toBe(applied);
        for (const [key, value] of frame.set) values.set(key, value);
        for (const key of frame.removed) values.delete(key);
        raw.say({ type: 'credit', id: 1, frames: 1 });
      }
      return values.size;
    };
    await expect
      .poll(() => {
        apply();
        return Object.fromEntries(values);
      }, waiting)
      .toEqual(Object.fromEntries(bench.host.view));
    expect(raw.of('state').length).toBeLessThanOrEqual(stateFramesAhead + 2);
  });

  it('asks for a fresh snapshot when a revision is missing', async () => {
    bench.host.set('conform001', 1);
    // Loses the second state frame on its way.
    let stateFrames = 0;
    const lossy = async (): Promise<Port> => {
      const port = await bench.connectPort();
      return {
        send: (bytes) => port.send(bytes),
        onClose: (listener) => port.onClose(listener),
        close: (closure) => port.close(closure),
        onMessage: (listener) =>
          port.onMessage((bytes) => {
            const decoded = decodeFrame(hostFrameSchema, bytes);
            if (decoded.ok && decoded.value.type === 'state') stateFrames += 1;
            if (stateFrames === 2) {
              stateFrames += 1;
              return;
            }
            listener(bytes);
          }),
      };
    };
    const view = new View();
    bench.connectClient(lossy).watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => view.snapshots, waiting).toBe(1);
    bench.host.set('conform002', 2);
    await expect.poll(() => stateFrames, waiting).toBe(3);
    bench.host.set('conform003', 3);
    await expect.poll(() => view.snapshots, waiting).toBe(2);
    await expect.poll(() => view.values.size, waiting).toBe(3);
    expect(view.values).toEqual(bench.host.view);
  });

  it('loses nothing for a reader that stalls, and holds little for it', async () => {
    bench.host.linesTotal = 2_000;
    const raw = await bench.connectRaw();
    raw.hello();
    raw.say({ type: 'open', id: 1, name: 'lane.log', input: ofLane });
    await expect.poll(() => sum(raw.sizesOf('items')), waiting).toBeGreaterThanOrEqual(logPauseBytes);
    await raw.settled();
    const pulledWhileStalled = bench.host.linesPulled;
    expect(pulledWhileStalled).toBeLessThanOrEqual(logPauseBytes / bench.host.charactersEach + 1);
    await raw.settled();
    expect(bench.host.linesPulled).toBe(pulledWhileStalled);

    let acknowledged = 0;
    await expect
      .poll(() => {
        const received = sum(raw.sizesOf('items'));
        if (received > acknowledged) raw.say({ type: 'ack', id: 1, bytes: received - acknowledged });
        acknowledged = received;
        return raw.of('end').length;
      }, waiting)
      .toBe(1);
    const lines = raw.of('items').flatMap((frame) => frame.items as LogItem[]);
    expect(lines.map((line) => line.fromByte)).toEqual(Array.from({ length: 2_000 }, (_, line) => line * 1_000));
  });

  it('asks a slow log reader for the next batch only once it is done with this one', async () => {
    bench.host.linesTotal = 1_000;
    let release: () => void = () => undefined;
    const seen: number[] = [];
    let ended = false;
    const observer: LogObserver<LogItem> = {
      items(items) {
        for (const item of items) seen.push(item.fromByte);
        return seen.length > 1 ? undefined : new Promise((resolve) => (release = resolve));
      },
      end: () => (ended = true),
      error(error) {
        throw error;
      },
    };
    bench.connectClient().read('lane.log', ofLane, observer);
    await expect.poll(() => bench.host.linesPulled, waiting).toBeGreaterThan(50);
    await expect.poll(() => seen, waiting).toEqual([0]);
    expect(bench.host.linesPulled).toBeLessThanOrEqual(logPauseBytes / bench.host.charactersEach + 1);
    release();
    await expect.poll(() => ended, waiting).toBe(true);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, line) => line * 1_000));
  });

  it('ends a log stream with its error', async () => {
    const failure = await new Promise<GantryError>((resolve, reject) => {
      const input = { laneId: ofLane.laneId, runId: null, afterSeq: 0 };
      const end = (): void => reject(new Error('ended in order'));
      bench.connectClient().read('lane.events', input, { items: () => undefined, end, error: resolve });
    });
    expect(failure.code).toBe('not-found');
  });

  it('connects again: calls in flight fail, state comes afresh, logs go on without loss or repeat', async () => {
    bench.host.set('conform001', 1);
    bench.host.linesTotal = 3_000;
    const client = bench.connectClient();
    const states: Connection['state'][] = [];
    client.onDidChangeConnection((connection) => states.push(connection.state));
    const view = new View();
    client.watch('timeline.watchRollbacks', inProject, view);
    const seen: number[] = [];
    let ended = false;
    const cutAt = [200, 900];
    client.read('lane.log', ofLane, {
      items(items) {
        for (const item of items) seen.push(item.fromByte / 1_000);
        if (seen.length >= (cutAt[0] ?? Number.POSITIVE_INFINITY)) {
          cutAt.shift();
          bench.host.ports.at(-1)?.close({ kind: 'failed', detail: 'cut by the test' });
        }
      },
      end: () => (ended = true),
      error(error) {
        throw error;
      },
    });
    const inFlight = client.call('project.forget', inProject).catch((error: unknown) => error);
    expect(await inFlight).toMatchObject({ code: 'unavailable', data: { outcome: 'unknown' } });
    await expect.poll(() => bench.host.callsAborted, waiting).toBe(1);
    bench.host.set('conform002', 2);
    await expect.poll(() => ended, waiting).toBe(true);
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, line) => line));
    await expect.poll(() => view.values, waiting).toEqual(bench.host.view);
    expect(view.snapshots).toBeGreaterThanOrEqual(2);
    expect(states.filter((state) => state === 'connected').length).toBe(3);
    expect(states).toContain('reconnecting');
    expect(bench.host.sinks.size).toBe(1);
  });

  it('stops the source when its reader leaves', async () => {
    const client = bench.connectClient();
    const view = new View();
    const watching = client.watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => view.snapshots, waiting).toBe(1);
    watching.dispose();
    await expect.poll(() => bench.host.sinks.size, waiting).toBe(0);

    bench.host.linesTotal = 1_000_000;
    let batches = 0;
    const reading = client.read('lane.log', ofLane, {
      items() {
        batches += 1;
        if (batches === 10) reading.dispose();
      },
      end: () => undefined,
      error: () => undefined,
    });
    await expect.poll(() => bench.host.logSourcesEnded, waiting).toBe(1);
    expect(batches).toBe(10);
    expect(bench.host.linesPulled).toBeLessThan(1_000);
  });

  it('stops every source when the connection goes', async () => {
    const raw = await bench.connectRaw();
    raw.hello();
    bench.host.linesTotal = 1_000_000;
    raw.say({ type: 'open', id: 1, name: 'timeline.watchRollbacks', input: inProject });
    raw.say({ type: 'open', id: 2, name: 'lane.log', input: ofLane });
    await expect.poll(() => raw.of('items').length, waiting).toBeGreaterThan(0);
    raw.port.close();
    await expect.poll(() => bench.host.sinks.size, waiting).toBe(0);
    await expect.poll(() => bench.host.logSourcesEnded, waiting).toBe(1);
  });

  it('serves many streams at a time, and refuses more than its limit', async () => {
    const client = bench.connectClient();
    const views = Array.from({ length: 60 }, () => new View());
    const subscriptions = views.map((view) => client.watch('timeline.watchRollbacks', inProject, view));
    for (let round = 0; round < 20; round += 1) {
      for (const key of keys) bench.host.set(key, round);
      await client.call('lane.spawn', { ...inProject, agent: demo, count: 1 });
    }
    for (const view of views) await expect.poll(() => view.values, waiting).toEqual(bench.host.view);
    const extra = Array.from({ length: 5 }, () => new View());
    for (const view of extra) client.watch('timeline.watchRollbacks', inProject, view);
    await expect.poll(() => extra.at(-1)?.failure?.code, waiting).toBe('limit-reached');
    expect(extra[0]?.failure).toBeNull();
    for (const subscription of subscriptions) subscription.dispose();
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
