/** Reading the state on a connection of one's own, in whatever thread, beside the one that writes. */
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import type { AgentRef } from '#shared/model/agent.ts';
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { CheckpointId, LaneId, MergeId, ProjectId, RollbackId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import {
  checkpointColumns,
  fleetColumns,
  laneColumns,
  mergeColumns,
  projectColumns,
  rollbackColumns,
  settingColumns,
  taskColumns,
} from './columns.ts';
import type { StateReader } from './control-store.ts';
import { guardCorruption } from './state-corrupt-error.ts';
import { Table } from './table.ts';

/** A reader that owns its connection. */
export type OpenStateReader = StateReader & { close(): void };

/**
 * Opens the `state.db` that a state machine has made. Each call reads one committed state;
 * damage met while reading is thrown as `StateCorruptError`.
 */
export function openStateReader(path: string): OpenStateReader {
  return guardCorruption(path, () => {
    const database = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
    try {
      return new SqliteStateReader(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

const checkpointsLimitDefault = 500;
/** SQLite takes a negative limit for none. */
const noLimit = -1;

class SqliteStateReader implements OpenStateReader {
  readonly #database: Database;
  readonly #path: string;
  readonly #appliedIndex: Statement;
  readonly #project;
  readonly #projects;
  readonly #fleet;
  readonly #task;
  readonly #tasks;
  readonly #lane;
  readonly #liveLanes;
  readonly #endedLanes;
  readonly #merge;
  readonly #merges;
  readonly #openMerges;
  readonly #laneMerges;
  readonly #checkpoint;
  readonly #checkpoints;
  readonly #rollback;
  readonly #rollbacks;
  readonly #setting;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    this.#appliedIndex = database.prepare('SELECT logIndex FROM applied').pluck();
    this.#project = new Table(database, { name: 'project', key: ['id'], columns: projectColumns });
    this.#projects = this.#project.query('ORDER BY id');
    this.#fleet = new Table(database, {
      name: 'fleet',
      key: ['projectId', 'agent'],
      columns: fleetColumns,
    }).query('WHERE projectId = ? ORDER BY agent');
    this.#task = new Table(database, { name: 'task', key: ['id'], columns: taskColumns });
    this.#tasks = this.#task.query('WHERE projectId = ? ORDER BY "order"');
    this.#lane = new Table(database, { name: 'lane', key: ['id'], columns: laneColumns });
    this.#liveLanes = this.#lane.query(`WHERE projectId = ? AND stage <> 'ended' ORDER BY number`);
    this.#endedLanes = this.#lane.query(`WHERE projectId = ? AND stage = 'ended' ORDER BY number DESC LIMIT ?`);
    this.#merge = new Table(database, { name: 'merge', key: ['id'], columns: mergeColumns });
    this.#merges = this.#merge.query('WHERE projectId = ? ORDER BY queuedIndex');
    this.#openMerges = this.#merge.query(
      `WHERE projectId = ? AND stage IN ('queued', 'gating', 'landing') ORDER BY queuedIndex`,
    );
    this.#laneMerges = this.#merge.query('WHERE laneId = ? AND projectId = ? ORDER BY queuedIndex');
    this.#checkpoint = new Table(database, { name: 'checkpoint', key: ['id'], columns: checkpointColumns });
    this.#checkpoints = this.#checkpoint.query('WHERE projectId = ? ORDER BY number DESC LIMIT ?');
    this.#rollback = new Table(database, { name: 'rollback', key: ['id'], columns: rollbackColumns });
    this.#rollbacks = this.#rollback.query('WHERE projectId = ? ORDER BY number');
    this.#setting = new Table(database, { name: 'setting', key: ['key'], columns: settingColumns });
  }

  appliedIndex(): number {
    return this.#read(() => this.#appliedIndex.get() as number);
  }

  projects(): Project[] {
    return this.#read(() => this.#projects());
  }

  project(id: ProjectId): Project | null {
    return this.#read(() => this.#project.get(id));
  }

  fleet(projectId: ProjectId): { agent: AgentRef; count: number }[] {
    return this.#read(() => this.#fleet(projectId).map(({ agent, count }) => ({ agent, count })));
  }

  tasks(projectId: ProjectId): Task[] {
    return this.#read(() => this.#tasks(projectId));
  }

  task(id: TaskId): Task | null {
    return this.#read(() => this.#task.get(id));
  }

  lanes(projectId: ProjectId, filter: { live?: boolean; recentEnded?: number } = {}): Lane[] {
    if (filter.live === true) return this.#read(() => this.#liveLanes(projectId));
    // One transaction: a lane that ends between the two queries would come twice.
    const lanes = this.#database.transaction(() => [
      ...this.#endedLanes(projectId, filter.recentEnded ?? noLimit),
      ...this.#liveLanes(projectId),
    ]);
    return this.#read(() => lanes().toSorted((left, right) => left.number - right.number));
  }

  lane(id: LaneId): Lane | null {
    return this.#read(() => this.#lane.get(id));
  }

  merges(projectId: ProjectId, filter: { open?: boolean; laneId?: LaneId } = {}): Merge[] {
    return this.#read(() => {
      if (filter.laneId === undefined) {
        return filter.open === true ? this.#openMerges(projectId) : this.#merges(projectId);
      }
      const merges = this.#laneMerges(filter.laneId, projectId);
      return filter.open === true
        ? merges.filter((merge) => merge.stage !== 'landed' && merge.stage !== 'rejected')
        : merges;
    });
  }

  merge(id: MergeId): Merge | null {
    return this.#read(() => this.#merge.get(id));
  }

  checkpoints(projectId: ProjectId, limit: number = checkpointsLimitDefault): Checkpoint[] {
    return this.#read(() => this.#checkpoints(projectId, limit));
  }

  checkpoint(id: CheckpointId): Checkpoint | null {
    return this.#read(() => this.#checkpoint.get(id));
  }

  rollbacks(projectId: ProjectId): Rollback[] {
    return this.#read(() => this.#rollbacks(projectId));
  }

  rollback(id: RollbackId): Rollback | null {
    return this.#read(() => this.#rollback.get(id));
  }

  setting(key: string): string | null {
    return this.#read(() => this.#setting.get(key)?.value ?? null);
  }

  close(): void {
    this.#database.close();
  }

  #read<T>(query: () => T): T {
    return guardCorruption(this.#path, query);
  }
}
