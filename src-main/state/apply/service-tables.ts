/** The tables of services as the rules see them: a part of `Tables`. */
import type { Database, Statement } from 'better-sqlite3';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Rollout } from '#shared/model/service.ts';
import { mainStack, type ServiceId, type StackName } from '#shared/model/service-ids.ts';
import type { Config, Preview, Secret, ServiceHost, Volume } from '#shared/model/service-resource.ts';
import type { Change } from '../control-store.ts';
import {
  configColumns,
  previewColumns,
  type RevisionRow,
  revisionRowColumns,
  rolloutColumns,
  secretColumns,
  serviceHostColumns,
  type ServiceRow,
  serviceRowColumns,
  type UsedNumberRow,
  usedNumberColumns,
  volumeColumns,
} from '../service-columns.ts';
import { Table } from '../table.ts';

/** Tells of a row that is written. */
export type OnChange = (table: Change['table'], id: string, projectId: ProjectId | null) => void;

/**
 * The revisions that count now: what serves, what is rolled out, and, of a service with neither,
 * the newest. `currentRevisions` says the same of one service.
 */
const currentRevisionKeys = `
  SELECT id, servingRevision FROM service WHERE servingRevision IS NOT NULL
  UNION SELECT service.id, rollout.toRevision FROM service JOIN rollout ON rollout.id = service.rolloutId
  UNION SELECT id, revisions FROM service WHERE servingRevision IS NULL AND rolloutId IS NULL`;

/** Tables that hold what belongs to one project; the project's own row is not among them. */
const projectTables = [
  'service',
  'revision',
  'rollout',
  'secret',
  'config',
  'volume',
  'preview',
  'usedNumber',
] as const;

/** Everything is prepared once per connection. */
export class ServiceTables {
  readonly service: Table<ServiceRow>;
  readonly revision: Table<RevisionRow>;
  readonly rollout: Table<Rollout>;
  readonly secret: Table<Secret>;
  readonly config: Table<Config>;
  readonly volume: Table<Volume>;
  readonly host: Table<ServiceHost>;
  readonly preview: Table<Preview>;

  /** By id. */
  readonly servicesOf: (projectId: ProjectId) => ServiceRow[];
  readonly servicesIn: (projectId: ProjectId, stack: StackName) => ServiceRow[];
  /** Current revisions of any project whose spec has this text, by service. */
  readonly currentRevisionsWith: (text: string) => RevisionRow[];
  /** Services of any project whose given ports have this text, by id. */
  readonly servicesGiven: (text: string) => ServiceRow[];
  /** Ended rollouts that still keep the replicas of before, oldest first. */
  readonly keeping: (serviceId: ServiceId) => Rollout[];
  /** The newest rollout to a revision: at most one. */
  readonly newestRolloutTo: (serviceId: ServiceId, toRevision: number) => Rollout[];

  readonly #usedNumber: Table<UsedNumberRow>;
  readonly #servingRevisions: Statement;
  readonly #pins: Record<'secretVersions' | 'configVersions', Statement>;
  readonly #removalsOfService: readonly Statement[];
  readonly #removalsOfProject: readonly Statement[];
  readonly #revisionsUpTo: Statement;
  readonly #removeRevision: Statement;
  readonly #removeRollouts: Statement;
  readonly #newestCheckpoints: Statement;

  constructor(database: Database, changed: OnChange) {
    this.service = new Table(database, {
      name: 'service',
      key: ['id'],
      columns: serviceRowColumns,
      onWrite: (row) => changed('service', row.id, row.projectId),
    });
    this.revision = new Table(database, {
      name: 'revision',
      key: ['serviceId', 'number'],
      columns: revisionRowColumns,
      onWrite: (row) => changed('revision', `${row.serviceId}/${row.number}`, row.projectId),
    });
    this.rollout = new Table(database, {
      name: 'rollout',
      key: ['id'],
      columns: rolloutColumns,
      onWrite: (row) => changed('rollout', row.id, row.projectId),
    });
    this.secret = new Table(database, {
      name: 'secret',
      key: ['projectId', 'name'],
      columns: secretColumns,
      onWrite: (row) => changed('secret', row.name, row.projectId),
    });
    this.config = new Table(database, {
      name: 'config',
      key: ['projectId', 'name'],
      columns: configColumns,
      onWrite: (row) => changed('config', row.name, row.projectId),
    });
    this.volume = new Table(database, {
      name: 'volume',
      key: ['projectId', 'stack', 'name'],
      columns: volumeColumns,
      withoutRowid: true,
      onWrite: (row) => changed('volume', `${row.stack}/${row.name}`, row.projectId),
    });
    this.host = new Table(database, {
      name: 'serviceHost',
      key: ['id'],
      columns: serviceHostColumns,
      withoutRowid: true,
      onWrite: (row) => changed('serviceHost', row.id, null),
    });
    this.preview = new Table(database, {
      name: 'preview',
      key: ['projectId', 'stack'],
      columns: previewColumns,
      withoutRowid: true,
      onWrite: (row) => changed('preview', row.stack, row.projectId),
    });
    this.#usedNumber = new Table(database, {
      name: 'usedNumber',
      key: ['projectId', 'noun', 'name'],
      columns: usedNumberColumns,
      withoutRowid: true,
    });

    this.servicesOf = this.service.query('WHERE projectId = ? ORDER BY id');
    this.servicesIn = this.service.query('WHERE projectId = ? AND stack = ? ORDER BY id');
    this.currentRevisionsWith = this.revision.query(
      `WHERE (serviceId, number) IN (${currentRevisionKeys}) AND instr(spec, ?) > 0 ORDER BY serviceId, number`,
    );
    this.servicesGiven = this.service.query('WHERE instr(publishedPorts, ?) > 0 ORDER BY id');
    this.keeping = this.rollout.query('WHERE serviceId = ? AND keepPreviousUntilMs IS NOT NULL ORDER BY number');
    this.newestRolloutTo = this.rollout.query('WHERE serviceId = ? AND toRevision = ? ORDER BY number DESC LIMIT 1');

    this.#servingRevisions = database
      .prepare(
        `SELECT name, servingRevision FROM service
         WHERE projectId = ? AND stack = ? AND state = 'active' AND servingRevision IS NOT NULL ORDER BY id`,
      )
      .raw();
    const pins = (column: string): Statement =>
      database.prepare(`SELECT DISTINCT ${column} FROM revision WHERE projectId = ? AND ${column} <> '{}'`).pluck();
    this.#pins = { secretVersions: pins('secretVersions'), configVersions: pins('configVersions') };
    this.#removalsOfService = ['revision', 'rollout'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE serviceId = ?`),
    );
    this.#removalsOfProject = projectTables.map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE projectId = ?`),
    );
    this.#revisionsUpTo = database.prepare(
      'SELECT number, state FROM revision WHERE serviceId = ? AND number <= ? ORDER BY number',
    );
    this.#removeRevision = database.prepare('DELETE FROM revision WHERE serviceId = ? AND number = ?');
    this.#removeRollouts = database.prepare(
      `DELETE FROM rollout
       WHERE serviceId = ? AND number <= ? AND endedAtMs IS NOT NULL AND keepPreviousUntilMs IS NULL`,
    );
    this.#newestCheckpoints = database
      .prepare('SELECT revisions FROM checkpoint WHERE projectId = ? ORDER BY number DESC LIMIT ?')
      .pluck();
  }

  /** What each service of the main stack serves, by its name; those that are being removed are left out. */
  servingRevisions(projectId: ProjectId): Record<string, number> {
    return Object.fromEntries(this.#servingRevisions.all(projectId, mainStack) as [string, number][]);
  }

  /** All versions that a kept revision of the project pins under this name. */
  pinnedVersions(projectId: ProjectId, pinned: 'secretVersions' | 'configVersions', name: string): Set<number> {
    const versions = new Set<number>();
    for (const text of this.#pins[pinned].all(projectId) as string[]) {
      const pins = JSON.parse(text) as Record<string, number>;
      const version = Object.hasOwn(pins, name) ? pins[name] : undefined;
      if (version !== undefined) versions.add(version);
    }
    return versions;
  }

  /** Numbers and states of the revisions that are this old. */
  revisionsUpTo(serviceId: ServiceId, number: number): { number: number; state: RevisionRow['state'] }[] {
    return this.#revisionsUpTo.all(serviceId, number) as { number: number; state: RevisionRow['state'] }[];
  }

  /** Forgets a revision that nothing needs any more. It is not named as changed. */
  dropRevision(serviceId: ServiceId, number: number): void {
    this.#removeRevision.run(serviceId, number);
  }

  /** Forgets the rollouts that are this old, have ended and keep nothing. They are not named as changed. */
  dropRollouts(serviceId: ServiceId, upToNumber: number): void {
    this.#removeRollouts.run(serviceId, upToNumber);
  }

  /** The revisions of this service that the newest entries of the timeline speak of. */
  revisionsOfTimeline(projectId: ProjectId, name: string, limit: number): Set<number> {
    const numbers = new Set<number>();
    for (const text of this.#newestCheckpoints.all(projectId, limit) as string[]) {
      const revisions = JSON.parse(text) as Record<string, number>;
      const number = Object.hasOwn(revisions, name) ? revisions[name] : undefined;
      if (number !== undefined) numbers.add(number);
    }
    return numbers;
  }

  /** The highest number that something of this name had before it was removed; 0 when there was none. */
  usedNumber(projectId: ProjectId, noun: UsedNumberRow['noun'], name: string): number {
    return this.#usedNumber.get(projectId, noun, name)?.number ?? 0;
  }

  /** Remembers the number for whatever gets this name next. */
  keepUsedNumber(row: UsedNumberRow): void {
    this.#usedNumber.put(row);
  }

  /** Removes the service with its revisions and rollouts. Only the service is named as changed. */
  removeService(service: ServiceRow): void {
    this.service.remove(service);
    for (const removal of this.#removalsOfService) removal.run(service.id);
  }

  /** Removes all that belongs to the project. Nothing of it is named as changed. */
  removeOf(projectId: ProjectId): void {
    for (const removal of this.#removalsOfProject) removal.run(projectId);
  }
}
