import { expect, test } from 'vitest';
import { enginesExplained, engineTrouble } from './engine-words.ts';

const missing = { state: 'missing', advice: 'Install one, and start it.' } as const;
const away = {
  state: 'unreachable',
  detail: 'connect ENOENT /nonexistent',
  advice: 'No engine answers at unix:///nonexistent. Start it.',
  sinceMs: 1,
} as const;

test('what is the matter and what to do are said once each', () => {
  expect(enginesExplained([{ name: 'local', engine: missing }])).toEqual([
    'No container engine was found on local. Install one, and start it.',
  ]);
  expect(enginesExplained([{ name: 'local', engine: away }])).toEqual([
    'No engine answers at unix:///nonexistent. Start it.',
  ]);
});

test('several hosts are told apart', () => {
  const hosts = [
    { name: 'dock-a', engine: away },
    { name: 'dock-b', engine: missing },
  ];
  expect(enginesExplained(hosts)).toEqual([
    'dock-a: No engine answers at unix:///nonexistent. Start it.',
    'No container engine was found on dock-b. Install one, and start it.',
  ]);
  expect(hosts.map(engineTrouble)).toEqual([
    'The engine of dock-a does not answer.',
    'No container engine was found on dock-b.',
  ]);
});
