import { expect, test } from 'vitest';
import type { LoadTest } from '#shared/contract/service-views.ts';
import { serviceIdSchema } from '#shared/model/service-ids.ts';
import { loadSentence } from './load-words.ts';

const load = (change: Partial<LoadTest>): LoadTest => ({
  id: 'load-1',
  serviceId: serviceIdSchema.parse('p/main/api'),
  url: 'http://127.0.0.1:20000/',
  state: 'ended',
  requestsPerSecond: 200,
  startedAtMs: 1_000,
  endsAtMs: 61_000,
  sent: 12_000,
  succeeded: 12_000,
  failed: 0,
  failures: [],
  p50Ms: 1,
  p99Ms: 2,
  connections: { kept: 1, fresh: 1, slow: 0 },
  ...change,
});
const rollout = (toRevision: number, startedAtMs: number, endedAtMs: number | null) => ({
  toRevision,
  startedAtMs,
  endedAtMs,
  kind: 'deploy' as const,
});

test('the result is one sentence, with what rolled out meanwhile', () => {
  expect(loadSentence(load({}), [rollout(15, 5_000, 20_000), rollout(14, 0, 500)], 70_000)).toBe(
    '0 of 12,000 requests failed while revision 15 rolled out.',
  );
  expect(loadSentence(load({}), [rollout(15, 5_000, 20_000), rollout(16, 20_000, null)], 70_000)).toBe(
    '0 of 12,000 requests failed while revisions 15 and 16 roll out.',
  );
});

test('failures are counted, and a rollout after the end is none of its business', () => {
  const failing = load({ succeeded: 11_988, failed: 12 });
  expect(loadSentence(failing, [rollout(15, 62_000, null)], 70_000)).toBe('12 of 12,000 requests failed.');
});

test('what goes on is told as going on', () => {
  expect(loadSentence(load({ state: 'running', succeeded: 5 }), [], 2_000)).toBe('0 of 5 requests failed so far.');
  expect(loadSentence(load({ state: 'running', succeeded: 0 }), [], 2_000)).toBe('The first requests are under way.');
});
