import { expect, it } from 'vitest';
import { classifyFailure, describeFailure, outcomeOfExit } from './outcome.ts';

it.each([
  ['exceeded retry limit, last status: 429 Too Many Requests', 'rate-limited'],
  ['You have hit your usage limit.', 'rate-limited'],
  ['error sending request for url (http://127.0.0.1:9/)', 'unreachable'],
  ['connect ECONNREFUSED 127.0.0.1:9', 'unreachable'],
  ['getaddrinfo ENOTFOUND api.example', 'unreachable'],
  ['Internal server error', 'agent-error'],
  ['order 4290 is not valid', 'agent-error'],
])('%s is %s', (message, reason) => expect(classifyFailure(message)).toBe(reason));

it('finds the sentence in a service’s JSON', () => {
  expect(describeFailure('agent-error', 'HTTP 400: {"error":{"message":"model \\"x\\" is unknown"}}')).toBe(
    'The agent reported an error: model "x" is unknown',
  );
});

it.each([
  [
    { code: 0, signal: null, startError: null },
    { kind: 'ok', summary: 'done' },
  ],
  [
    { code: 2, signal: null, startError: null },
    { kind: 'failed', reason: 'exit-code', exitCode: 2, detail: 'The program ended with exit code 2: why' },
  ],
  [
    { code: null, signal: 'SIGKILL' as const, startError: null },
    { kind: 'failed', reason: 'crashed', signal: 'SIGKILL' },
  ],
  [
    { code: null, signal: null, startError: 'spawn x ENOENT' },
    { kind: 'failed', reason: 'not-found' },
  ],
])('derives the outcome from %j', (exit, outcome) =>
  expect(outcomeOfExit(exit, 'done', 'why\nmore')).toMatchObject(outcome),
);
