import { describe, expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { type PreflightFacts, preflight } from './preflight.ts';
import { hostId, sampleHost, sampleSpec, serviceId } from './sample.fixture.ts';

const [a, b] = [sampleHost('a'), sampleHost('b')];
const old = 'This engine (18.09.9, API 1.39) is too old. Gantry needs API 1.40: Docker 19.03 or newer.';
const hangs =
  'The engine did not answer within 5 s when asked to tell its version. It may hang; restart it if that goes on.';

function findings(facts: Partial<PreflightFacts>, spec: Partial<ServiceSpecInput> = {}): string[] {
  return preflight({
    serviceId,
    spec: sampleSpec(spec),
    publishedPorts: [],
    architecture: null,
    hosts: [a, b],
    home: hostId('a'),
    volumes: [],
    claims: [],
    secrets: new Set(),
    configs: new Set(),
    services: new Map(),
    ...facts,
  }).flatMap(({ check, verdict, detail }) => (verdict === 'passed' ? [] : [`${check} ${verdict}: ${detail}`]));
}

const down = { state: 'down', downSinceMs: 0, problem: old } as const;
const onB = [{ attribute: 'node.id', operator: '==' as const, value: 'b' }];

describe('a preflight of several hosts', () => {
  it.each<[string, Partial<PreflightFacts>, Partial<ServiceSpecInput>, string[]]>([
    ['has nothing against what fits', {}, {}, []],
    ['says what is wrong with the only engine', { hosts: [{ ...a, ...down }] }, {}, [`engine failed: ${old}`]],
    [
      'says what is wrong with each engine',
      {
        hosts: [
          { ...a, ...down },
          { ...b, ...down, problem: hangs },
        ],
      },
      {},
      [`engine failed: No container engine answers. dock-a: ${old} dock-b: ${hangs}`],
    ],
    ['says that there is no engine', { hosts: [], home: null }, {}, ['engine failed: No container engine is set up.']],
    [
      'says that it would be apart from its stack, and what to do',
      {},
      { constraints: onB },
      [
        'placement failed: No host may run it: 2 hosts: 1 without node.id == b, 1 apart from its stack, which is on a. ' +
          'Services reach each other on one host only: let it run on a too, or without ports and dependencies.',
      ],
    ],
    ['lets what needs nobody be anywhere', {}, { constraints: onB, ports: [] }, []],
    [
      'warns that a service for each host is on one of them alone',
      {},
      { mode: { kind: 'global' } },
      ['placement warned: It runs on dock-a alone: only there does the rest of its stack reach it.'],
    ],
    [
      'warns that ports are published elsewhere',
      {},
      { ports: [{ containerPort: 8080, publish: {} }] },
      ['ports warned: Its ports are published on dock-a, not on this machine.'],
    ],
    [
      'says where too little of the disk is left',
      { hosts: [{ ...a, diskFreeBytes: 1_000_000 }], home: hostId('a') },
      {},
      ['disk failed: Less than 512 MB are free on dock-a. Remove what is not needed there.'],
    ],
    [
      'says that its data is where its stack is not',
      {
        volumes: [
          {
            projectId: 'parcel' as never,
            stack: 'main' as never,
            name: 'data' as never,
            driver: 'local',
            options: {},
            hostId: hostId('b'),
            createdAtMs: 0,
          },
        ],
      },
      { mounts: [{ kind: 'volume', volume: 'data', target: '/data', readOnly: true }] },
      ['volumes failed: Its volumes are where it may not run: data on dock-b.'],
    ],
    [
      'says for which architecture the image is',
      { architecture: 'arm64' },
      {},
      ['architecture failed: The image is for arm64, the hosts are amd64. Build or pull it for amd64.'],
    ],
  ])('%s', (_what, facts, spec, expected) => {
    expect(findings(facts, spec)).toEqual(expected);
  });
});
