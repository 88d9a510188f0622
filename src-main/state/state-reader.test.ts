import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointSchema, rollbackSchema } from '#shared/model/checkpoint.ts';
import { laneSchema } from '#shared/model/lane.ts';
import { mergeSchema } from '#shared/model/merge.ts';
import { projectSchema } from '#shared/model/project.ts';
import { revisionSchema, rolloutSchema, serviceSchema } from '#shared/model/service.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import {
  configSchema,
  previewSchema,
  secretSchema,
  serviceHostSchema,
  volumeSchema,
} from '#shared/model/service-resource.ts';
import { taskSchema } from '#shared/model/task.ts';
import { ServiceFixture, serviceId, serviceSpec, stack, volumeName } from './service.fixture.ts';
import { checkpointId, commit, laneId, main, projectId, rollbackId } from './state.fixture.ts';
import { openStateReader } from './state-reader.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin('a', 'b', 'c', 'd', 'e');
});
afterEach(() => state.dispose());

describe('the state reader', () => {
  it('returns what the model says and nothing beyond it', () => {
    const merged = state.merged('a');
    state.submitted('b');
    state.accept({
      kind: 'rollback.begin',
      rollbackId: rollbackId(1),
      projectId,
      checkpointId: checkpointId(merged.number),
      entryId: checkpointId(90),
      branch: main,
      beforeCommit: commit(2),
      afterCommit: commit(3),
      undoneCheckpoints: [],
      taskIds: [],
      services: [],
    });
    const nouns = [
      [projectSchema, state.read.projects()],
      [taskSchema, state.read.tasks(projectId)],
      [laneSchema, state.read.lanes(projectId)],
      [mergeSchema, state.read.merges(projectId)],
      [checkpointSchema, state.read.checkpoints(projectId)],
      [rollbackSchema, state.read.rollbacks(projectId)],
    ] as const;
    for (const [schema, rows] of nouns) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(schema.strict().parse(row)).toEqual(row);
    }
  });

  it('returns what the model says of services, too', () => {
    state.putSecret('db');
    state.putConfig('conf', 'a');
    const uses = { secrets: [{ secret: 'db' }], configs: [{ config: 'conf', target: '/c' }] };
    state.serve(serviceSpec('api', uses), { checkpoint: state.checkpoint(1) });
    state.deploy(serviceSpec('api'), { checkpoint: state.checkpoint(2) });
    state.deploy(serviceSpec('web'), { stack: stack('lane-1') });
    const volume = { projectId, stack: mainStack, name: volumeName('data') };
    state.accept({ kind: 'volume.put', ...volume, driver: 'local', options: { a: 'b' } });
    state.queued();
    const preview = { projectId, stack: stack('lane-1'), laneId: laneId(1), fileName: 'compose.yaml' };
    state.accept({ kind: 'preview.put', ...preview, state: 'running', detail: null });
    const api = serviceId('api');
    const nouns = [
      [serviceSchema, state.read.services(projectId)],
      [revisionSchema, state.read.revisions(api)],
      [rolloutSchema, state.read.rollouts(api)],
      [rolloutSchema, state.read.openRollouts()],
      [secretSchema, state.read.secrets(projectId)],
      [configSchema, state.read.configs(projectId)],
      [volumeSchema, state.read.volumes(projectId)],
      [serviceHostSchema, state.read.serviceHosts()],
      [previewSchema, state.read.previews(projectId)],
      [checkpointSchema, state.read.checkpoints(projectId)],
    ] as const;
    for (const [schema, rows] of nouns) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(schema.strict().parse(row)).toEqual(row);
    }
    expect(state.read.allServices()).toEqual(state.read.services(projectId));
    expect(state.read.services(projectId).map(({ id }) => id)).toEqual([serviceId('web', stack('lane-1')), api]);
    expect(state.read.openRollouts().map((rollout) => rollout.serviceId)).toEqual([
      serviceId('web', stack('lane-1')),
      api,
    ]);
  });

  it('leaves out ended lanes, or all but the newest of them', () => {
    const ended = ['a', 'b', 'c'].map((key) => state.merged(key).laneId);
    const live = state.claimed('d').laneId;
    state.merged('e');
    const ids = (filter: Parameters<typeof state.read.lanes>[1]) =>
      state.read.lanes(projectId, filter).map((lane) => lane.id);
    expect(ids({})).toEqual([...ended, live, laneId(5)]);
    expect(ids({ live: true })).toEqual([live]);
    expect(ids({ live: true, recentEnded: 2 })).toEqual([live]);
    expect(ids({ recentEnded: 2 })).toEqual([ended[2], live, laneId(5)]);
    expect(ids({ recentEnded: 0 })).toEqual([live]);
  });

  it('gives the newest checkpoints first, and no more than asked for', () => {
    for (const key of ['a', 'b', 'c']) state.merged(key);
    expect(state.read.checkpoints(projectId, 2).map((checkpoint) => checkpoint.number)).toEqual([3, 2]);
  });

  it('answers null for what is not there', () => {
    expect(state.read.lane(laneId(99))).toBeNull();
    expect(state.read.rollback(rollbackId(99))).toBeNull();
    expect(state.read.setting('none')).toBeNull();
  });

  it('needs a state that a state machine has made', () => {
    expect(() => openStateReader(join(state.folder, 'none.db'))).toThrow();
  });

  it('finds its rows through indexes', () => {
    const database = new SqliteDatabase(state.path, { readonly: true });
    try {
      const plans = [
        `SELECT * FROM task WHERE projectId = 'p' ORDER BY "order"`,
        `SELECT * FROM task WHERE projectId = 'p' AND state = 'claimed' ORDER BY "order"`,
        `SELECT * FROM lane WHERE projectId = 'p' AND stage <> 'ended' ORDER BY number`,
        `SELECT * FROM lane WHERE projectId = 'p' AND stage = 'ended' ORDER BY number DESC LIMIT 5`,
        `SELECT * FROM merge WHERE projectId = 'p' AND stage IN ('queued', 'gating', 'landing') ORDER BY queuedIndex`,
        `SELECT * FROM merge WHERE laneId = 'l' AND projectId = 'p' ORDER BY queuedIndex`,
        `SELECT * FROM checkpoint WHERE projectId = 'p' ORDER BY number DESC LIMIT 5`,
        `SELECT * FROM service WHERE projectId = 'p' ORDER BY id`,
        `SELECT * FROM revision WHERE serviceId = 's' ORDER BY number DESC LIMIT 5`,
        `SELECT * FROM rollout WHERE serviceId = 's' ORDER BY number DESC LIMIT 5`,
        `SELECT * FROM rollout WHERE serviceId = 's' AND keepPreviousUntilMs IS NOT NULL ORDER BY number`,
        `SELECT * FROM secret WHERE projectId = 'p' ORDER BY name`,
      ].map((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]);
      for (const plan of plans) {
        for (const { detail } of plan) expect(detail).toMatch(/^SEARCH .* USING INDEX /);
      }
    } finally {
      database.close();
    }
  });
});
