import { expect, test } from 'vitest';
import type { LaneAsk } from '#shared/contract/views.ts';
import { askChoices } from './ask-options.ts';

const ask = (...options: [string, LaneAsk['options'][number]['kind']][]): LaneAsk => ({
  requestId: 'r',
  title: 'Run a command',
  command: 'npm install',
  options: options.map(([optionId, kind]) => ({ optionId, kind, name: optionId })),
  askedAtMs: 0,
});

test('allow, allow for lane, deny', () => {
  const choices = askChoices(ask(['once', 'allow-once'], ['always', 'allow-always'], ['no', 'reject-once']));
  expect(choices.map(({ label, optionId, shortcut }) => [label, optionId, shortcut])).toEqual([
    ['Allow', 'once', 'y'],
    ['Allow for lane', 'always', null],
    ['Deny', 'no', 'n'],
  ]);
});

test('an agent without "always" is answered for the lane with its "once"', () => {
  expect(askChoices(ask(['once', 'allow-once'], ['no', 'reject-once']))[1]).toMatchObject({
    optionId: 'once',
    forLane: true,
  });
});

test('several options of one kind keep the words of the agent', () => {
  const choices = askChoices(ask(['left', 'allow-once'], ['right', 'allow-once'], ['no', 'reject-once']));
  expect(choices.map((choice) => choice.label)).toEqual(['left', 'right', 'no']);
});
