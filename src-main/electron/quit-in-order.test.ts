import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Log } from '#main/ports/log.ts';
import { quitInOrder, quitMs } from './quit-in-order.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

let exit: ReturnType<typeof vi.fn<(code: number) => void>>;
let settle: { resolve: () => void; reject: (error: Error) => void };
let close: ReturnType<typeof vi.fn<() => Promise<void>>>;
let held: number;
let quit: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  settle = { resolve, reject };
  exit = vi.fn<(code: number) => void>();
  close = vi.fn<() => Promise<void>>(() => promise);
  held = 0;
  const listener = quitInOrder({ close, exit, log: silent });
  quit = () => listener({ preventDefault: () => (held += 1) });
});

afterEach(() => vi.useRealTimers());

it('waits until the app has closed, however often it is told to quit', async () => {
  quit();
  quit();
  expect(held).toBe(2);
  expect(close).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(quitMs - 1);
  expect(exit).not.toHaveBeenCalled();
  settle.resolve();
  await vi.advanceTimersByTimeAsync(2 * quitMs);
  expect(exit.mock.calls).toEqual([[0]]);
});

it('tells by its exit code that the end was not in order', async () => {
  quit();
  settle.reject(new Error('the disk is gone'));
  await vi.advanceTimersByTimeAsync(0);
  expect(exit.mock.calls).toEqual([[1]]);
});

it('does not wait for ever, and ends once', async () => {
  quit();
  await vi.advanceTimersByTimeAsync(quitMs);
  expect(exit.mock.calls).toEqual([[1]]);
  settle.resolve();
  await vi.advanceTimersByTimeAsync(quitMs);
  expect(exit).toHaveBeenCalledTimes(1);
});
