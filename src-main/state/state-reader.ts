/** Reading the state on a connection of one's own, in whatever thread, beside the one that writes. */
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import type { AgentRef } from '#shared/model/agent.ts';
import type { Checkpoint, Rollback } from '#shared/model/checkpoint.ts';
import type { CheckpointId, LaneId, MergeId, ProjectId, RollbackId, TaskId } from '#shared/model/ids.ts';
import type { Lane } from '#shared/model/lane.ts';
import type { Merge } from '#shared/model/merge.ts';
import type { Project } from '#shared/model/project.ts';
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import {
  localHost,
  type RolloutId,
  type SecretName,
  type ServiceId,
  type StackName,
  type VolumeName,
} from '#shared/model/service-ids.ts';
import type { Config, Preview, Secret, ServiceHost, Volume } from '#shared/model/service-resource.ts';
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
import {
  configColumns,
  previewColumns,
  revisionColumns,
  rolloutColumns,
  secretColumns,
  serviceColumns,
  serviceHostColumns,
  volumeColumns,
} from './service-columns.ts';
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
/** The engine of this machine, until a person says something about it. */
const localHostDefault: ServiceHost = { id: localHost, endpoint: null, labels: {}, availability: 'active' };

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
  readonly #service;
  readonly #services;
  readonly #allServices;
  readonly #revision;
  readonly #revisions;
  readonly #rollout;
  readonly #rollouts;
  readonly #keepingRollout;
  readonly #lastRollout;
  readonly #openRollouts;
  readonly #secret;
  readonly #secrets;
  readonly #config;
  readonly #configs;
  readonly #volume;
  readonly #volumes;
  readonly #hosts;
  readonly #preview;
  readonly #previews;

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
    this.#service = new Table(database, { name: 'service', key: ['id'], columns: serviceColumns });
    this.#services = this.#service.query('WHERE projectId = ? ORDER BY id');
    this.#allServices = this.#service.query('ORDER BY id');
    this.#revision = new Table(database, {
      name: 'revision',
      key: ['serviceId', 'number'],
      columns: revisionColumns,
    });
    this.#revisions = this.#revision.query('WHERE serviceId = ? ORDER BY number DESC LIMIT ?');
    this.#rollout = new Table(database, { name: 'rollout', key: ['id'], columns: rolloutColumns });
    this.#rollouts = this.#rollout.query('WHERE serviceId = ? ORDER BY number DESC LIMIT ?');
    this.#keepingRollout = this.#rollout.query(
      'WHERE serviceId = ? AND keepPreviousUntilMs IS NOT NULL ORDER BY number DESC LIMIT 1',
    );
    this.#lastRollout = this.#rollout.query(
      'WHERE serviceId = ? AND endedAtMs IS NOT NULL ORDER BY number DESC LIMIT 1',
    );
    this.#openRollouts = this.#rollout.query('WHERE endedAtMs IS NULL ORDER BY serviceId');
    this.#secret = new Table(database, { name: 'secret', key: ['projectId', 'name'], columns: secretColumns });
    this.#secrets = this.#secret.query('WHERE projectId = ? ORDER BY name');
    this.#config = new Table(database, { name: 'config', key: ['projectId', 'name'], columns: configColumns });
    this.#configs = this.#config.query('WHERE projectId = ? ORDER BY name');
    this.#volume = new Table(database, {
      name: 'volume',
      key: ['projectId', 'stack', 'name'],
      columns: volumeColumns,
    });
    this.#volumes = this.#volume.query('WHERE projectId = ? ORDER BY stack, name');
    this.#hosts = new Table(database, {
      name: 'serviceHost',
      key: ['id'],
      columns: serviceHostColumns,
    }).query('ORDER BY id');
    this.#preview = new Table(database, { name: 'preview', key: ['projectId', 'stack'], columns: previewColumns });
    this.#previews = this.#preview.query('WHERE projectId = ? ORDER BY stack');
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

  services(projectId: ProjectId): Service[] {
    return this.#read(() => this.#services(projectId));
  }

  allServices(): Service[] {
    return this.#read(() => this.#allServices());
  }

  service(id: ServiceId): Service | null {
    return this.#read(() => this.#service.get(id));
  }

  revisions(serviceId: ServiceId, limit: number = noLimit): Revision[] {
    return this.#read(() => this.#revisions(serviceId, limit));
  }

  revision(serviceId: ServiceId, number: number): Revision | null {
    return this.#read(() => this.#revision.get(serviceId, number));
  }

  rollouts(serviceId: ServiceId, limit: number = noLimit): Rollout[] {
    return this.#read(() => this.#rollouts(serviceId, limit));
  }

  keepingRollout(serviceId: ServiceId): Rollout | null {
    return this.#read(() => this.#keepingRollout(serviceId)[0] ?? null);
  }

  lastRollout(serviceId: ServiceId): Rollout | null {
    return this.#read(() => this.#lastRollout(serviceId)[0] ?? null);
  }

  rollout(id: RolloutId): Rollout | null {
    return this.#read(() => this.#rollout.get(id));
  }

  openRollouts(): Rollout[] {
    return this.#read(() => this.#openRollouts());
  }

  secrets(projectId: ProjectId): Secret[] {
    return this.#read(() => this.#secrets(projectId));
  }

  secret(projectId: ProjectId, name: SecretName): Secret | null {
    return this.#read(() => this.#secret.get(projectId, name));
  }

  configs(projectId: ProjectId): Config[] {
    return this.#read(() => this.#configs(projectId));
  }

  config(projectId: ProjectId, name: SecretName): Config | null {
    return this.#read(() => this.#config.get(projectId, name));
  }

  volumes(projectId: ProjectId): Volume[] {
    return this.#read(() => this.#volumes(projectId));
  }

  volume(projectId: ProjectId, stack: StackName, name: VolumeName): Volume | null {
    return this.#read(() => this.#volume.get(projectId, stack, name));
  }

  serviceHosts(): ServiceHost[] {
    const hosts = this.#read(() => this.#hosts());
    const local = hosts.find((host) => host.id === localHost) ?? localHostDefault;
    return [local, ...hosts.filter((host) => host.id !== localHost)];
  }

  previews(projectId: ProjectId): Preview[] {
    return this.#read(() => this.#previews(projectId));
  }

  preview(projectId: ProjectId, stack: StackName): Preview | null {
    return this.#read(() => this.#preview.get(projectId, stack));
  }

  close(): void {
    this.#database.close();
  }

  #read<T>(query: () => T): T {
    return guardCorruption(this.#path, query);
  }
}
