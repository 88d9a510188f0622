import { describe, expect, it } from 'vitest';
import type { DeployPlan } from '#shared/contract/service-views.ts';
import { planLines } from './plan-lines.ts';
import { namedVariables } from './apply-command.ts';
import { readComposeFile } from './compose-plugin.ts';
import { ageText, readDuration, sizeText } from './quantity-text.ts';
import { sinceOf } from './replica-commands.ts';

const plan: DeployPlan = {
  entries: [
    {
      kind: 'service',
      name: 'api',
      action: 'change',
      changes: [{ field: 'env', kind: 'added', text: '+1 env' }],
      strategy: 'rolling, one at a time',
      findings: [
        { check: 'engine', verdict: 'passed', detail: '1 host answers' },
        { check: 'dependencies', verdict: 'warned', detail: 'It will wait for db.' },
      ],
    },
    {
      kind: 'secret',
      name: 'token',
      action: 'blocked',
      changes: [],
      strategy: null,
      findings: [{ check: 'secrets', verdict: 'failed', detail: 'It has no value.' }],
    },
  ],
  unsupported: ['services.api.privileged (line 3): no'],
  warnings: ['api: It will wait for db.', 'TAG is not set.'],
  fingerprint: 'x',
};

describe('planLines', () => {
  it('says what changes and what stands against it, each once', () => {
    expect(planLines(plan, false)).toEqual([
      '~ service api: changes  (rolling, one at a time)',
      '    +1 env',
      '    ! It will wait for db.',
      '! secret token: blocked',
      '    ✗ It has no value.',
      'Not taken over:',
      '    services.api.privileged (line 3): no',
      'Good to know:',
      '    TAG is not set.',
      '1 changes, 1 blocked.',
    ]);
  });

  it('has colours only where they are wanted', () => {
    expect(planLines(plan, true).join('')).toContain('\u001b[');
    expect(planLines(plan, false).join('')).not.toContain('\u001b[');
  });
});

describe('namedVariables', () => {
  it('gives a file what it names, and nothing else of the environment', () => {
    const env = { TAG: '1', PASSED: 'on', API_KEY: 'k', COMPOSE_PROFILES: 'dev' };
    const text = 'services: {a: {image: "x:${TAG:-2}", environment: [PASSED]}}';
    expect(namedVariables(text, env)).toEqual({ TAG: '1', PASSED: 'on', COMPOSE_PROFILES: 'dev' });
  });
});

describe('readComposeFile', () => {
  const composed = async (): Promise<string> => '{"services": {}}';

  it('keeps the text of a file that stands by itself', async () => {
    expect(await readComposeFile('c.yaml', () => 'services: {}', composed)).toBe('services: {}');
  });

  it('has the plugin put together what reaches into other files, where it is there', async () => {
    const text = 'include:\n  - other.yaml\n';
    expect(await readComposeFile('c.yaml', () => text, composed)).toBe('{"services": {}}');
    expect(
      await readComposeFile(
        'c.yaml',
        () => text,
        async () => null,
      ),
    ).toBe(text);
  });
});

describe('texts of quantities', () => {
  it('are as people read them', () => {
    expect([0, 1_023, 2_048, 268_435_456].map(sizeText)).toEqual(['0 B', '1023 B', '2.0 KB', '256 MB']);
    expect([500, 61_000, 7_200_000, 200_000_000].map(ageText)).toEqual([
      '1 s ago',
      '1 min ago',
      '2 h ago',
      '2 days ago',
    ]);
    expect(['90s', '10m', 'soon', '5'].map(readDuration)).toEqual([90_000, 600_000, null, null]);
  });

  it('take --since as how long ago or as a time', () => {
    expect(sinceOf('10m', 1_000_000)).toBe(400_000);
    expect(sinceOf('1970-01-01T00:00:01Z', 0)).toBe(1_000);
    expect(sinceOf(null, 5)).toBeNull();
    expect(() => sinceOf('soon', 0)).toThrow('--since takes a time');
  });
});
