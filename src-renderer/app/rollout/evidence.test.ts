import { expect, test } from 'vitest';
import { type ServiceEvent, serviceEventSchema } from '#shared/contract/service-views.ts';
import type { Rollout } from '#shared/model/service.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { eventsDuring, evidenceFacts, evidenceTexts, newestRolloutTo, rolloutOutcome } from './evidence.ts';

test('evidence is told as facts and as texts, without what serves the machine alone', () => {
  const evidence = {
    stage: 'replacing',
    containerId: 'c1',
    replica: 'api.1',
    exitCode: 137,
    outOfMemory: true,
    host: null,
    lastHealth: '',
    logTail: 'starting\nkilled\n',
  };
  expect(evidenceFacts({ evidence })).toEqual(['replica api.1', 'exit code 137', 'out of memory']);
  expect(evidenceTexts({ evidence })).toEqual([{ name: 'Last lines of its log', text: 'starting\nkilled' }]);
});

test('a rollout says how it went', () => {
  const paused = { because: 'person', detail: 'you paused it', sinceMs: 1 } as const;
  const stage = { name: 'ended', outcome: 'aborted', detail: '' } as const;
  expect(rolloutOutcome({ stage, paused: null })).toBe('It was aborted.');
  expect(rolloutOutcome({ stage: { ...stage, detail: 'Ended by a person.' }, paused: null })).toBe(
    'Ended by a person.',
  );
  expect(rolloutOutcome({ stage: { name: 'starting' }, paused })).toBe('It stands still: you paused it');
  expect(rolloutOutcome({ stage: { name: 'starting' }, paused: null })).toBe('It is under way.');
});

test('the newest rollout to a revision counts', () => {
  const rollouts = [
    { number: 3, toRevision: 2 },
    { number: 1, toRevision: 2 },
    { number: 4, toRevision: 3 },
  ] as Rollout[];
  expect(newestRolloutTo(rollouts, 2)?.number).toBe(3);
  expect(newestRolloutTo(rollouts, 9)).toBeNull();
});

test('what befell the replicas is told for the time of the rollout, oldest first', () => {
  const event = (id: string, atMs: number, change: Partial<ServiceEvent> = {}): ServiceEvent =>
    serviceEventSchema.parse({
      id,
      atMs,
      serviceId: 'parcel/main/api',
      kind: 'replica',
      severity: 'info',
      text: id,
      rolloutId: null,
      ...change,
    });
  const events = [
    event('late', 21),
    event('second', 20),
    event('first', 10),
    event('decision', 12, { rolloutId: 'rollout-abcdefgh' }),
    event('other', 12, { serviceId: 'parcel/main/web' as ServiceId }),
    event('early', 9),
  ];
  const told = (endedAtMs: number | null): string[] =>
    eventsDuring(events, { serviceId: 'parcel/main/api' as ServiceId, startedAtMs: 10, endedAtMs }).map(({ id }) => id);
  expect(told(20)).toEqual(['first', 'second']);
  expect(told(null)).toEqual(['first', 'second', 'late']);
});
