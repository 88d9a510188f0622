import { expect, test } from 'vitest';
import { isBroken, limitShare, limitText } from './panel/limit-text.ts';
import { rollBackTarget, takenBack, wayBack } from './panel/roll-back.ts';
import { trendPath } from './panel/trend-path.ts';
import { serviceEvidence, serviceHeadline } from './service-headline.ts';
import { serviceOrder } from './service-order.ts';
import { byUrgency, healthyText } from './service-status.ts';
import { noonMs, replica, revision, rollout, service, traffic } from './service-view.fixture.ts';
import { nodeFacts, nodeTag, progressText, rateText, shortDigest, upTime } from './service-words.ts';

test('the sentence tells what asks for the person before all else', () => {
  const waiting = service('worker', { status: 'waiting', sentence: 'The rollout of worker waits for you: limits.' });
  const failed = service('api', { status: 'failed', sentence: 'api does not answer.', replicas: [] });
  const rolling = service('web', { status: 'rolling-out', sentence: 'web rolls out revision 2.' });
  const well = service('billing');
  expect(serviceHeadline([well, rolling, failed, waiting])).toBe('The rollout of worker waits for you: limits.');
  expect(serviceHeadline([waiting, service('web', { status: 'waiting' })])).toBe('2 rollouts wait for you.');
  expect(serviceHeadline([well, rolling, failed])).toBe('api does not answer.');
  expect(serviceHeadline([well, rolling])).toBe('web rolls out revision 2.');
  expect(serviceHeadline([well, service('api')])).toBe('All 2 services answer.');
  expect(serviceHeadline([well])).toBe('The only service answers.');
  expect(serviceHeadline([service('api', { status: 'stale' })])).toBe(
    'The engine does not answer. 1 service is shown as last known.',
  );
  expect(serviceHeadline([])).toBe('No services yet.');
});

test('the evidence counts who answers and what failed, and says nothing that is not known', () => {
  const counted = (failed: number, sinceMs: number) => traffic(9, { failed, sinceMs });
  const web = service('web', { traffic: counted(0, noonMs) });
  const api = service('api', { traffic: counted(0, noonMs + 60_000), status: 'rolling-out' });
  expect(serviceEvidence([web, api])).toBe('All 2 services answer. No request failed since 12:01.');
  const broken = service('api', { traffic: counted(3, noonMs + 60_000), status: 'failed', replicas: [] });
  expect(serviceEvidence([web, broken])).toBe('1 of 2 services answer. 3 requests failed since 12:00.');
  const stopped = service('worker', { status: 'stopped', wanted: 0, replicas: [] });
  expect(serviceEvidence([service('db'), service('nats'), stopped])).toBe('1 is scaled to 0.');
  const away = service('worker', { status: 'stale', traffic: counted(0, noonMs) });
  expect(serviceEvidence([web, away])).toBe(
    '1 of 2 services answer; of 1 it is not known. No request failed since 12:00.',
  );
  expect(serviceEvidence([away])).toBe('Whether they answer is not known.');
  const back = rollout({
    kind: 'auto-rollback',
    toRevision: 14,
    stage: { name: 'ended', outcome: 'succeeded', detail: '' },
    endedAtMs: noonMs,
  });
  expect(serviceEvidence([service('db'), service('api', { lastRollout: back.rollout })])).toBe(
    'api went back to revision 14 by itself at 12:00.',
  );
});

test('services stand by dependency and then by name, however they fare', () => {
  const names = (...services: ReturnType<typeof service>[]): string[] => serviceOrder(services).map(({ name }) => name);
  const db = service('db');
  const web = service('web', { dependsOn: ['api'] });
  const api = service('api', { dependsOn: ['db'] });
  const billing = service('billing', { dependsOn: ['db', 'elsewhere'] });
  expect(names(db, web, api, billing)).toEqual(['billing', 'web', 'api', 'db']);
  expect(names(service('db', { status: 'failed' }), billing, api, web)).toEqual(['billing', 'web', 'api', 'db']);
  const circle = [service('a', { dependsOn: ['b'] }), service('b', { dependsOn: ['a'] })];
  expect(names(...circle)).toEqual(['a', 'b']);
  expect(byUrgency([db, service('z', { status: 'waiting' }), api]).map(({ name }) => name)).toEqual(['z', 'db', 'api']);
});

test('a service says what it does in few words', () => {
  expect(nodeFacts(service('web', { traffic: traffic(96) }))).toEqual({ main: '96 req/s', more: ', p99 64 ms' });
  expect(nodeFacts(service('web')).main).toBe('1 of 1 healthy');
  const pending = [{ slot: 1, revision: 1, why: 'no host has 64 GB', retryAtMs: null }];
  expect(nodeFacts(service('web', { status: 'pending', pending, replicas: [] })).main).toBe('no host has 64 GB');
  expect(nodeTag(service('web'))).toBeNull();
  expect(nodeTag(service('api', { status: 'rolling-out', rollout: rollout() }))?.word).toBe('canary');
  const first = rollout({ fromRevision: null });
  expect(nodeTag(service('api', { status: 'rolling-out', rollout: first }))?.word).toBe('starting');
  expect(nodeTag(service('api', { status: 'rolling-out', rollout: rollout({ kind: 'rollback' }) }))?.word).toBe(
    'going back',
  );
  const kept = [replica(1), replica(2, { state: 'kept', revision: 3 }), replica(3, { state: 'unhealthy' })];
  expect(healthyText({ wanted: 2, replicas: kept })).toBe('1 of 2 healthy');
  expect(rateText(7.04)).toBe('7');
  expect(rateText(1_204)).toBe('1,204');
  expect(upTime(211_000)).toBe('3 min 31 s');
  expect(upTime(12_240_000)).toBe('3 h 24 min');
  expect(shortDigest(`sha256:${'e07a4c19'.padEnd(64, '0')}`)).toBe('e07a4c19');
  const image = {
    serviceId: service('api').id,
    revision: 2,
    hostId: replica(1).hostId,
    phase: 'pulling',
    line: null,
    currentBytes: 42_000_000,
    totalBytes: 84_000_000,
    startedAtMs: noonMs,
  };
  expect(progressText(image)).toBe('pulling, 42 MB of 84 MB');
  expect(progressText({ ...image, totalBytes: null })).toBe('pulling');
});

test('one press goes back to what served before', () => {
  const revisions = [
    revision(15, { state: 'serving', canRollBack: false }),
    revision(14, { state: 'failed' }),
    revision(13, { isKept: true }),
    revision(12),
  ];
  expect(rollBackTarget(service('api', { servingRevision: 15 }), revisions)).toBe(13);
  expect(rollBackTarget(service('api', { servingRevision: 14, rollout: rollout() }), revisions)).toBe(14);
  expect(rollBackTarget(service('api', { servingRevision: 12 }), revisions)).toBeNull();
  const back = takenBack(service('api', { servingRevision: 15 }), revisions, 13);
  expect(back.direction).toBe('back');
  expect(back.steps.map((step) => step.revision)).toEqual([15, 14]);
  const forward = takenBack(service('api', { servingRevision: 12 }), revisions, 14);
  expect(forward.direction).toBe('forward');
  expect(forward.steps.map((step) => step.revision)).toEqual([14, 13]);
  expect(wayBack(revision(13, { isKept: true }), false, 3)).toContain('only traffic is switched');
  expect(wayBack(revision(12), false, 3)).toContain('3 replicas are replaced, one at a time');
  expect(wayBack(revision(14), true, 3)).toContain('All traffic goes back at once');
});

test('a limit shows how much of it is used, and when it is broken', () => {
  const errors = { name: '5xx', value: 0.02, max: 0.5, unit: '%' };
  expect(limitText(errors)).toBe('0.02 of 0.50 %');
  expect(limitText({ name: 'p99', value: 181.4, max: 250, unit: 'ms' })).toBe('181 of 250 ms');
  const restarts = { name: 'Restarts', value: 0, max: 0, unit: '' };
  expect(limitText(restarts)).toBe('0 of 0');
  expect(limitText({ ...errors, value: null })).toBe('– of 0.50 %');
  expect([limitShare(errors), limitShare(restarts), limitShare({ ...restarts, value: 1 })]).toEqual([0.04, 0, 1]);
  expect([isBroken(restarts), isBroken({ ...restarts, value: 1 }), isBroken({ ...errors, value: null })]).toEqual([
    false,
    true,
    false,
  ]);
});

test('a trend leaves gaps where nothing is known', () => {
  expect(trendPath([null, null], 100, 26)).toBe('');
  expect(trendPath([5, 5], 100, 26)).toBe('M0.0 13.0L100.0 13.0');
  expect(trendPath([0, 10, null, 10], 90, 26)).toBe('M0.0 22.0L30.0 4.0M90.0 4.0');
});
