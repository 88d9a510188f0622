import { expect, test } from 'vitest';
import type { Machine } from '#shared/contract/contract.ts';
import type { AgentInfo } from '#shared/model/agent.ts';
import { machineSentence } from './machine-sentence.ts';

const agent = (name: string, installed: boolean, isDemo = false): AgentInfo =>
  ({
    name,
    isDemo,
    found: installed
      ? { state: 'installed', version: '1', path: '/bin/a', note: null }
      : { state: 'missing', installCommand: 'npm i' },
  }) as AgentInfo;
const machine = (agents: AgentInfo[], git: Machine['git'] = { state: 'ready', version: '2.47.1' }): Machine => ({
  checkedAtMs: 0,
  git,
  agents,
  disk: null,
});

test('says what lanes can run', () => {
  const found = [
    agent('Codex', true),
    agent('Claude Code', true),
    agent('Gemini', false),
    agent('Demo agent', true, true),
  ];
  expect(machineSentence(machine(found))).toBe('Ready for lanes with 2 agents.');
  expect(machineSentence(machine(found.slice(1)))).toBe('Ready for lanes with Claude Code.');
});

test('with the demo agent alone, says what is missing', () => {
  expect(machineSentence(machine([agent('Demo agent', true, true)]))).toMatch(/^Ready for the demo\. /);
});

test('without a usable Git nothing is ready', () => {
  expect(machineSentence(machine([agent('Codex', true)], { state: 'missing', advice: 'apt install git' }))).toBe(
    'Not ready: Git is missing.',
  );
});
