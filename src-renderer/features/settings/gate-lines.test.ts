import { expect, test } from 'vitest';
import { gatesOf, gateText } from './gate-lines.ts';

const checks = { name: 'Checks', command: 'npm test', timeoutMs: 60_000 };

test('each line is a gate, in order and once', () => {
  expect(gatesOf(' npm run lint \n\nnpm test\nnpm test\n', [])).toEqual([
    { name: 'npm run lint', command: 'npm run lint', timeoutMs: 600_000 },
    { name: 'npm test', command: 'npm test', timeoutMs: 600_000 },
  ]);
});

test('a command that stays keeps its name and time limit', () => {
  expect(gatesOf(`npm run lint\n${gateText([checks])}`, [checks])[1]).toEqual(checks);
});

test('no line is no gate', () => {
  expect(gatesOf(' \n', [checks])).toEqual([]);
});
