import { expect, test } from 'vitest';
import type { GateResult } from '#shared/model/gate.ts';
import type { Merge } from '#shared/model/merge.ts';
import { gateOverview, mergeOutcome } from './gate-lines.ts';

const passed = { name: 'Format', state: 'passed' } as GateResult;
const merge = (id: string, queuedAtMs: number, change: Partial<Merge> = {}): Merge =>
  ({ id, queuedAtMs, stage: 'gating', gates: [], rejection: null, ...change }) as Merge;
const running = {
  mergeId: 'merge-b' as Merge['id'],
  name: 'Tests',
  command: 'npm test',
  startedAtMs: 5,
  outputTail: '',
};

test('shows the newest merge: what ran, what runs, what comes', () => {
  const { lines, earlier } = gateOverview({
    merges: [merge('merge-a', 1), merge('merge-b', 2, { gates: [passed] })],
    running,
    upcoming: [{ name: 'Audit', command: 'npm audit' }],
  });
  expect(lines.map((line) => line.kind)).toEqual(['result', 'running', 'next']);
  expect(earlier.map((each) => each.id)).toEqual(['merge-a']);
});

test('after the end nothing is to come', () => {
  const { lines } = gateOverview({
    merges: [merge('merge-a', 1, { stage: 'landed', gates: [passed] })],
    running: null,
    upcoming: [{ name: 'Audit', command: 'npm audit' }],
  });
  expect(lines).toHaveLength(1);
});

test('before any merge the gates are still to come', () => {
  const overview = gateOverview({ merges: [], running: null, upcoming: [{ name: 'Tests', command: 'npm test' }] });
  expect(overview).toMatchObject({ merge: null, lines: [{ kind: 'next', name: 'Tests' }] });
});

test('says how a merge went', () => {
  expect(mergeOutcome(merge('m', 1, { rejection: { kind: 'gate', gate: 'tests', detail: '' } }))).toBe(
    'failed at tests',
  );
  expect(
    mergeOutcome(merge('m', 1, { rejection: { kind: 'conflict', conflicts: [{ path: 'a.ts', hunk: '' }] } })),
  ).toBe('conflict in a.ts');
  expect(mergeOutcome(merge('m', 1, { stage: 'landed' }))).toBe('merged');
});
