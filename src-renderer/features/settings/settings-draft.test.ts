import { expect, test } from 'vitest';
import type { BranchName } from '#shared/model/ids.ts';
import { type ProjectSettings, readSettings, settingsDraft, takenBack } from './settings-draft.ts';

const settings: ProjectSettings = {
  targetBranch: 'main' as BranchName,
  autoMerge: true,
  gates: [{ name: 'Checks', command: 'npm test', timeoutMs: 60_000 }],
  attemptsMax: 3,
  reworksMax: 2,
  stallMs: 600_000,
};
const draft = settingsDraft(settings);

test('what is read back as it was written changes nothing', () => {
  expect(draft).toMatchObject({ gates: 'npm test', attempts: '3', reworks: '2', stall: '10 min' });
  expect(readSettings(draft, settings)).toEqual({ ok: true, change: {} });
});

test('only what differs is asked for, and can be taken back', () => {
  const read = readSettings({ ...draft, autoMerge: false, stall: '90 s', gates: 'npm test\nnpm run lint' }, settings);
  const change = {
    autoMerge: false,
    stallMs: 90_000,
    gates: [...settings.gates, { name: 'npm run lint', command: 'npm run lint', timeoutMs: 600_000 }],
  };
  expect(read).toEqual({ ok: true, change });
  expect(takenBack(settings, change)).toEqual({
    autoMerge: true,
    stallMs: 600_000,
    gates: settings.gates,
  });
});

test('each field says what it takes, in the limits of the contract', () => {
  expect(readSettings({ ...draft, attempts: '0', reworks: '2.5', stall: 'soon' }, settings)).toEqual({
    ok: false,
    problems: {
      attempts: 'Write a whole number from 1 to 20.',
      reworks: 'Write a whole number from 0 to 20.',
      stall: 'Write a time from 1 s to 1,440 min, such as 10 min.',
    },
  });
  expect(readSettings({ ...draft, stall: '25 h' }, settings)).toMatchObject({ ok: false });
  expect(readSettings({ ...draft, attempts: '' }, settings)).toMatchObject({ ok: false });
});

test('gates are as many and as long as the contract allows', () => {
  const many = Array.from({ length: 51 }, (_, at) => `step ${at}`).join('\n');
  expect(readSettings({ ...draft, gates: many }, settings)).toMatchObject({ problems: { gates: 'At most 50 gates.' } });
  expect(readSettings({ ...draft, gates: `ls\n${'x'.repeat(4_001)}` }, settings)).toMatchObject({
    problems: { gates: 'Gate 2 is longer than 4,000 characters.' },
  });
});
