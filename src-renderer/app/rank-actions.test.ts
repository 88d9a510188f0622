import { expect, test } from 'vitest';
import type { Action } from './action-registry.ts';
import { rankActions } from './rank-actions.ts';

const action = (title: string, found = false): Action => ({
  id: title,
  title,
  group: 'G',
  found,
  run: () => undefined,
});
const titles = (search: string, ...all: Action[]): string[] => rankActions(all, search).map(({ title }) => title);

test('the best fit comes first, whatever stands before it', () => {
  const all = [
    action('Roll back to a checkpoint…'),
    action('Roll back api…'),
    action('Scale api…'),
    action('End the rollout of api…'),
  ];
  expect(titles('roll back api', ...all)).toEqual(['Roll back api…']);
  expect(titles('roll', ...all)).toEqual(['Roll back to a checkpoint…', 'Roll back api…', 'End the rollout of api…']);
  expect(titles('api', ...all)).toEqual(['Roll back api…', 'Scale api…', 'End the rollout of api…']);
  expect(titles('api scale', ...all)).toEqual(['Scale api…']);
  expect(titles('nothing like it', ...all)).toEqual([]);
});

test('a thing to go to is offered once it is searched for, and not too many of them', () => {
  const lanes = Array.from({ length: 30 }, (_, at) => action(`Lane ${at}`, true));
  expect(titles('', action('Spawn'), ...lanes)).toEqual(['Spawn']);
  expect(titles('lane', action('Go to Lanes'), ...lanes)).toHaveLength(13);
});
