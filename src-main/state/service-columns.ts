/** How the nouns of services are stored, and what the tables know beyond the model. */
import type { ProjectId } from '#shared/model/ids.ts';
import type { Revision, Rollout, Service } from '#shared/model/service.ts';
import type { Config, Preview, Secret, ServiceHost, Volume } from '#shared/model/service-resource.ts';
import type { Columns } from './table.ts';

/** A service with the newest rollout's number. */
export type ServiceRow = Service & { rollouts: number };

/** A revision with whose it is, for all that is asked of a whole project. */
export type RevisionRow = Revision & { projectId: ProjectId };

/** The highest number that something had when it was removed; the next of that name counts on from there. */
export interface UsedNumberRow {
  projectId: ProjectId;
  noun: 'revision' | 'rollout' | 'secret' | 'config';
  /** The service, secret or config. */
  name: string;
  number: number;
}

export const serviceColumns: Columns<Service> = {
  id: 'text',
  projectId: 'text',
  stack: 'text',
  name: 'text',
  state: 'text',
  servingRevision: 'integer',
  rolloutId: 'text',
  publishedPorts: 'json',
  revisions: 'integer',
  createdAtMs: 'integer',
};

export const serviceRowColumns: Columns<ServiceRow> = { ...serviceColumns, rollouts: 'integer' };

export const revisionColumns: Columns<Revision> = {
  serviceId: 'text',
  number: 'integer',
  spec: 'json',
  digest: 'text',
  secretVersions: 'json',
  configVersions: 'json',
  origin: 'json',
  commit: 'text',
  state: 'text',
  failure: 'text',
  createdAtMs: 'integer',
};

export const revisionRowColumns: Columns<RevisionRow> = { ...revisionColumns, projectId: 'text' };

export const rolloutColumns: Columns<Rollout> = {
  id: 'text',
  serviceId: 'text',
  projectId: 'text',
  number: 'integer',
  kind: 'text',
  fromRevision: 'integer',
  toRevision: 'integer',
  policy: 'json',
  stage: 'json',
  progressAtMs: 'integer',
  paused: 'json',
  promoted: 'boolean',
  failures: 'integer',
  decisions: 'json',
  checkpointId: 'text',
  origin: 'json',
  startedAtMs: 'integer',
  endedAtMs: 'integer',
  keepPreviousUntilMs: 'integer',
};

export const secretColumns: Columns<Secret> = { projectId: 'text', name: 'text', versions: 'json' };

export const configColumns: Columns<Config> = { projectId: 'text', name: 'text', versions: 'json' };

export const volumeColumns: Columns<Volume> = {
  projectId: 'text',
  stack: 'text',
  name: 'text',
  driver: 'text',
  options: 'json',
  hostId: 'text',
  createdAtMs: 'integer',
};

export const serviceHostColumns: Columns<ServiceHost> = {
  id: 'text',
  endpoint: 'text',
  labels: 'json',
  availability: 'text',
};

export const previewColumns: Columns<Preview> = {
  stack: 'text',
  projectId: 'text',
  laneId: 'text',
  fileName: 'text',
  state: 'text',
  detail: 'text',
  createdAtMs: 'integer',
};

export const usedNumberColumns: Columns<UsedNumberRow> = {
  projectId: 'text',
  noun: 'text',
  name: 'text',
  number: 'integer',
};
