import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digest, ServiceFixture, serviceId, serviceSpec } from '../service.fixture.ts';
import { commit, main, projectId } from '../state.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin();
});
afterEach(() => state.dispose());

const api = serviceId('api');
const numbered = (number: number) => serviceSpec('api', { env: { NUMBER: `${number}` } });
const numbers = () => state.read.revisions(api).map((revision) => revision.number);

describe('revision.pin', () => {
  const pin = (number: number, image: number, id = api) =>
    ({ kind: 'revision.pin', serviceId: id, number, digest: digest(image) }) as const;

  it('sets the image once, and accepts the same again', () => {
    state.deploy(numbered(1));
    state.accept(pin(1, 7));
    state.accept(pin(1, 7));
    expect(state.revision(api, 1).digest).toBe(digest(7));
    expect(state.refuse(pin(1, 8), 'wrong-state')).toContain('a revision never changes');
  });

  it('refuses what is not there', () => {
    state.deploy(numbered(1));
    state.refuse(pin(2, 7), 'not-found');
    state.refuse(pin(1, 7, serviceId('web')), 'not-found');
  });
});

describe('old revisions', () => {
  /** Revisions that are deployed and fail, up to this number. */
  const failUpTo = (last: number) => {
    for (let number = (state.read.service(api)?.revisions ?? 0) + 1; number <= last; number += 1) {
      state.accept(state.failing(state.deploy(numbered(number))));
    }
  };

  it('are forgotten beyond the newest 50, but for what serves', () => {
    state.serve(numbered(1));
    failUpTo(60);
    expect(numbers()).toEqual([...Array.from({ length: 50 }, (_, at) => 60 - at), 1]);
    state.serve(numbered(61));
    expect(numbers()).toContain(1);
    state.deploy(numbered(62));
    expect(numbers()).not.toContain(1);
    expect(numbers()).toHaveLength(50);
  });

  it('are kept while a rollout goes to them, or keeps their replicas', () => {
    state.serve(numbered(1));
    const keeper = state.succeed(state.deploy(numbered(2)), 9_000_000);
    failUpTo(56);
    expect(numbers()).toEqual(expect.arrayContaining([1, 2]));
    state.accept({ kind: 'rollout.releasePrevious', rolloutId: keeper.id });
    failUpTo(57);
    expect(numbers()).toContain(2);
    expect(numbers()).not.toContain(1);
  });

  it('are kept when they were stable and the newer timeline speaks of them', () => {
    state.serve(numbered(1), { checkpoint: state.checkpoint(1) });
    state.serve(numbered(2));
    state.accept(state.failing(state.deploy(numbered(3), { checkpoint: state.checkpoint(3) })));
    state.serve(numbered(4));
    failUpTo(60);
    expect(numbers().slice(50)).toEqual([4, 2, 1]);
    for (let number = 10; number < 510; number += 1) {
      const at = { branch: main, beforeCommit: commit(1), afterCommit: commit(1) };
      const { checkpointId } = state.checkpoint(number);
      state.accept({ kind: 'checkpoint.add', checkpointId, projectId, checkpointKind: 'manual', label: 'Mine', ...at });
    }
    failUpTo(61);
    expect(numbers().slice(50)).toEqual([4]);
  });

  it('do not take more than 200 records of rollouts along, but for those that are still needed', () => {
    const keeper = state.succeed(state.deploy(numbered(1)), 9_000_000);
    failUpTo(205);
    const kept = () => state.read.rollouts(api).map((rollout) => rollout.number);
    expect(kept()).toEqual([...Array.from({ length: 200 }, (_, at) => 205 - at), 1]);
    state.accept({ kind: 'rollout.releasePrevious', rolloutId: keeper.id });
    failUpTo(206);
    expect(kept()).toEqual(Array.from({ length: 200 }, (_, at) => 206 - at));
  });
});
