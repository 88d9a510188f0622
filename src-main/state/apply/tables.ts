/** The replicated tables as the rules see them: rows by key, the few queries rules need, and what was written. */
import type { Database } from 'better-sqlite3';
import type { Checkpoint } from '#shared/model/checkpoint.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import { toNumberRanges } from '#shared/model/number-ranges.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';
import {
  checkpointColumns,
  type FleetRow,
  fleetColumns,
  laneColumns,
  type MergeRow,
  mergeRowColumns,
  projectColumns,
  type RollbackRow,
  rollbackRowColumns,
  type SettingRow,
  settingColumns,
  taskColumns,
} from '../columns.ts';
import type { Change } from '../control-store.ts';
import { Table } from '../table.ts';
import { ServiceTables } from './service-tables.ts';

/** Where a command's writes go. Everything is prepared once per connection. */
export class Tables {
  readonly project: Table<Project>;
  readonly fleet: Table<FleetRow>;
  readonly task: Table<Task>;
  readonly lane: Table<Lane>;
  readonly merge: Table<MergeRow>;
  readonly checkpoint: Table<Checkpoint>;
  readonly rollback: Table<RollbackRow>;
  readonly setting: Table<SettingRow>;
  readonly services: ServiceTables;

  /** In order of arrival. */
  readonly claimedTasks: (projectId: ProjectId) => Task[];
  readonly liveLanes: (projectId: ProjectId) => Lane[];
  /** Queued, gating or landing, oldest first. */
  readonly openMerges: (projectId: ProjectId) => MergeRow[];
  /** Reverting or undoing; at most one. */
  readonly rollbacksUnderWay: (projectId: ProjectId) => RollbackRow[];

  readonly #changes = new Map<string, Change>();
  readonly #nextOrder: (projectId: ProjectId) => number;
  readonly #nextLane: (projectId: ProjectId) => number;
  readonly #nextCheckpoint: (projectId: ProjectId) => number;
  readonly #nextRollback: (projectId: ProjectId) => number;
  readonly #taskPlaces: (projectId: ProjectId) => readonly (readonly [string, number])[];
  readonly #removeAll: (projectId: ProjectId) => void;

  constructor(database: Database) {
    const inProject =
      (table: Change['table']) =>
      (row: { id: string; projectId: ProjectId }): void =>
        this.#changed(table, row.id, row.projectId);
    this.project = new Table(database, {
      name: 'project',
      key: ['id'],
      columns: projectColumns,
      onWrite: (row) => this.#changed('project', row.id, row.id),
    });
    this.fleet = new Table(database, {
      name: 'fleet',
      key: ['projectId', 'agent'],
      columns: fleetColumns,
      withoutRowid: true,
      onWrite: (row) => this.#changed('fleet', row.agent, row.projectId),
    });
    this.task = new Table(database, { name: 'task', key: ['id'], columns: taskColumns, onWrite: inProject('task') });
    this.lane = new Table(database, { name: 'lane', key: ['id'], columns: laneColumns, onWrite: inProject('lane') });
    this.merge = new Table(database, {
      name: 'merge',
      key: ['id'],
      columns: mergeRowColumns,
      onWrite: inProject('merge'),
    });
    this.checkpoint = new Table(database, {
      name: 'checkpoint',
      key: ['id'],
      columns: checkpointColumns,
      onWrite: inProject('checkpoint'),
    });
    this.rollback = new Table(database, {
      name: 'rollback',
      key: ['id'],
      columns: rollbackRowColumns,
      onWrite: inProject('rollback'),
    });
    this.setting = new Table(database, {
      name: 'setting',
      key: ['key'],
      columns: settingColumns,
      withoutRowid: true,
      onWrite: (row) => this.#changed('setting', row.key, null),
    });

    this.services = new ServiceTables(database, (table, id, projectId) => this.#changed(table, id, projectId));

    this.claimedTasks = this.task.query(`WHERE projectId = ? AND state = 'claimed' ORDER BY "order"`);
    this.liveLanes = this.lane.query(`WHERE projectId = ? AND stage <> 'ended' ORDER BY number`);
    this.openMerges = this.merge.query(
      `WHERE projectId = ? AND stage IN ('queued', 'gating', 'landing') ORDER BY queuedIndex`,
    );
    this.rollbacksUnderWay = this.rollback.query(
      `WHERE projectId = ? AND stage IN ('reverting', 'undoing') ORDER BY number`,
    );

    const next = (table: string, column: string): ((projectId: ProjectId) => number) => {
      const statement = database.prepare(`SELECT max("${column}") FROM ${table} WHERE projectId = ?`).pluck();
      return (projectId) => ((statement.get(projectId) as number | null) ?? 0) + 1;
    };
    this.#nextOrder = next('task', 'order');
    this.#nextLane = next('lane', 'number');
    this.#nextCheckpoint = next('checkpoint', 'number');
    this.#nextRollback = next('rollback', 'number');

    const places = database
      .prepare(`SELECT state, "order" FROM task WHERE projectId = ? ORDER BY state, "order"`)
      .raw();
    this.#taskPlaces = (projectId) => places.all(projectId) as [string, number][];

    const removals = ['fleet', 'task', 'lane', 'merge', 'checkpoint', 'rollback'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE projectId = ?`),
    );
    this.#removeAll = (projectId) => {
      for (const removal of removals) removal.run(projectId);
      this.services.removeOf(projectId);
    };
  }

  nextTaskOrder(projectId: ProjectId): number {
    return this.#nextOrder(projectId);
  }

  nextLaneNumber(projectId: ProjectId): number {
    return this.#nextLane(projectId);
  }

  nextCheckpointNumber(projectId: ProjectId): number {
    return this.#nextCheckpoint(projectId);
  }

  nextRollbackNumber(projectId: ProjectId): number {
    return this.#nextRollback(projectId);
  }

  /** The places in the queue of the project's tasks by state, as number ranges. */
  tasksByState(projectId: ProjectId): Record<string, string> {
    const places = new Map<string, number[]>();
    for (const [state, place] of this.#taskPlaces(projectId)) {
      const known = places.get(state);
      if (known === undefined) places.set(state, [place]);
      else known.push(place);
    }
    return Object.fromEntries([...places].map(([state, numbers]) => [state, toNumberRanges(numbers)]));
  }

  /** Removes the project with all that belongs to it. Only the project is named as changed. */
  removeProject(project: Project): void {
    this.project.remove(project);
    this.#removeAll(project.id);
  }

  /** What was written since the last call, each row once, in the order of its first write. */
  takeChanges(): Change[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  #changed(table: Change['table'], id: string, projectId: ProjectId | null): void {
    const key = `${table}\u0000${projectId ?? ''}\u0000${id}`;
    if (!this.#changes.has(key)) this.#changes.set(key, { table, id, projectId });
  }
}
