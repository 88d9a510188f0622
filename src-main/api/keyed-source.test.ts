import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '#shared/base/emitter.ts';
import type { StateSink } from '#shared/contract/handlers.ts';
import { byId, feedAll } from './keyed-source.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Keeps every complete map that it was given. */
function recordingSink(): { sink: StateSink<{ n: number }>; sent: ReadonlyMap<string, { n: number }>[] } {
  const sent: ReadonlyMap<string, { n: number }>[] = [];
  const refuse = (): never => {
    throw new Error('not expected');
  };
  return { sent, sink: { replace: (values) => sent.push(values), set: refuse, delete: refuse, fail: refuse } };
}

describe('feedAll', () => {
  it('sends at once, then at most every 100 ms, and ends with what is true', () => {
    const changed = new Emitter<string>();
    let n = 0;
    const { sink, sent } = recordingSink();
    feedAll(
      sink,
      changed.event,
      (what) => what === 'mine',
      () => new Map([['a', { n }]]),
    );
    for (n = 1; n <= 50; n += 1) changed.fire('mine');
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(3);
    expect(sent.at(-1)?.get('a')).toEqual({ n: 51 });
    vi.advanceTimersByTime(1_000);
    changed.fire('another');
    expect(sent).toHaveLength(3);
  });

  it('hands over the same object for a value that looks the same', () => {
    const changed = new Emitter<void>();
    const { sink, sent } = recordingSink();
    feedAll(
      sink,
      changed.event,
      () => true,
      () => new Map([['a', { n: 1 }]]),
    );
    changed.fire();
    expect(sent[1]?.get('a')).toBe(sent[0]?.get('a'));
  });

  it('sends nothing after it was disposed', () => {
    const changed = new Emitter<void>();
    const { sink, sent } = recordingSink();
    const feed = feedAll(
      sink,
      changed.event,
      () => true,
      () => new Map([['a', { n: 1 }]]),
    );
    changed.fire();
    changed.fire();
    feed.dispose();
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(2);
    expect(changed.listenerCount).toBe(0);
  });
});

it('byId maps things by their id', () => {
  expect([...byId([{ id: 'a' }, { id: 'b' }]).keys()]).toEqual(['a', 'b']);
});
