/**
 * The orchestrator as the rest of the program sees it: requests named after the calls of the
 * contract, views, and one event that says what may look different. Refusals are thrown as
 * `GantryError`s.
 */
import type { Event } from '#shared/base/emitter.ts';
import type { InputOf, ItemOf, OutputOf, ParsedInputOf } from '#shared/contract/contract.ts';
import type {
  ConfigView,
  ContainerHistory,
  DeployPlan,
  ImageProgressView,
  LoadTest,
  PreviewView,
  RevisionView,
  RolloutView,
  SecretView,
  ServiceEvent,
  ServiceHostView,
  ServiceView,
  VolumeView,
} from '#shared/contract/service-views.ts';
import type { LaneId, ProjectId } from '#shared/model/ids.ts';
import type { DeployOrigin, Rollout } from '#shared/model/service.ts';
import type { HostId, RolloutId, ServiceId, StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import type { ServiceChange } from './drive/service-feed.ts';

/** One deploy, from whichever of its ways in. */
export interface Deploy {
  readonly projectId: ProjectId;
  readonly stack: StackName;
  readonly spec: ServiceSpec;
  readonly origin: DeployOrigin;
  readonly expectedRevisions: number | null;
}

/** What a deploy made. */
export interface Deployed {
  readonly serviceId: ServiceId;
  readonly revision: number;
  readonly unchanged: boolean;
}

export interface ServiceRequests {
  plan(projectId: ProjectId, stack: StackName, spec: ServiceSpec): Promise<DeployPlan>;
  deploy(deploy: Deploy): Promise<Deployed>;
  scale(serviceId: ServiceId, replicas: number): Promise<{ revision: number }>;
  restart(serviceId: ServiceId): Promise<void>;
  rollBack(serviceId: ServiceId, toRevision: number, origin?: DeployOrigin): Promise<Rollout>;
  remove(serviceId: ServiceId): Promise<void>;
  pause(rolloutId: RolloutId): Promise<void>;
  resume(rolloutId: RolloutId): Promise<void>;
  promote(rolloutId: RolloutId): Promise<void>;
  abort(rolloutId: RolloutId): Promise<void>;
}

export interface StackRequests {
  plan(file: ParsedInputOf<'stack.plan'>): Promise<DeployPlan>;
  apply(file: ParsedInputOf<'stack.apply'>): Promise<OutputOf<'stack.apply'>>;
  /** What a file says of services. */
  read(file: ParsedInputOf<'stack.read'>): Promise<OutputOf<'stack.read'>>;
  /** Services in Gantry's own format. */
  write(services: readonly ServiceSpec[]): string;
  export(projectId: ProjectId, stack: StackName, format: 'gantry' | 'compose'): Promise<OutputOf<'service.export'>>;
}

export interface SecretRequests {
  put(projectId: ProjectId, name: string, value: Uint8Array): Promise<{ version: number }>;
  remove(projectId: ProjectId, name: string): Promise<void>;
  rollOut(projectId: ProjectId, name: string): Promise<{ services: ServiceId[] }>;
  /** The master key in use, and where it is kept. */
  key(): { keyId: string; keptIn: string };
  rotateKey(): Promise<{ keyId: string; secrets: number }>;
  putConfig(projectId: ProjectId, name: string, text: string): Promise<{ version: number }>;
  removeConfig(projectId: ProjectId, name: string): Promise<void>;
}

export interface VolumeRequests {
  remove(input: ParsedInputOf<'volume.remove'>): Promise<void>;
  /** Backs up all that these services write to. */
  backUpFor(serviceIds: readonly ServiceId[], why: string): Promise<void>;
  backUp(input: ParsedInputOf<'volume.backUp'>): Promise<OutputOf<'volume.backUp'>>;
  restore(input: ParsedInputOf<'volume.restore'>): Promise<void>;
}

export interface EngineRequests {
  put(host: ParsedInputOf<'engine.put'>): Promise<void>;
  remove(input: ParsedInputOf<'engine.remove'>): Promise<void>;
  drain(hostId: HostId, drain: boolean): Promise<void>;
  listImages(): Promise<OutputOf<'image.list'>>;
  removeImage(input: ParsedInputOf<'image.remove'>): Promise<void>;
  prunePlan(): Promise<OutputOf<'image.prunePlan'>>;
  prune(input: ParsedInputOf<'image.prune'>): Promise<OutputOf<'image.prune'>>;
}

export interface LoadRequests {
  start(input: ParsedInputOf<'load.start'>): Promise<LoadTest>;
  stop(loadId: string): Promise<void>;
}

export interface ReplicaRequests {
  logs(input: ParsedInputOf<'service.logs'>, signal: AbortSignal): AsyncIterable<readonly ItemOf<'service.logs'>[]>;
  openExec(input: ParsedInputOf<'exec.open'>): Promise<OutputOf<'exec.open'>>;
  execOutput(execId: string, signal: AbortSignal): AsyncIterable<readonly ItemOf<'exec.output'>[]>;
  execInput(execId: string, bytes: Uint8Array): Promise<void>;
  resizeExec(input: InputOf<'exec.resize'>): Promise<void>;
  closeExec(execId: string): Promise<void>;
  /** Samples the service's containers while it is held. */
  sampleStats(serviceId: ServiceId): {
    history(): ContainerHistory[];
    readonly onDidSample: Event<null>;
    dispose(): void;
  };
}

export interface PreviewRequests {
  start(laneId: LaneId): Promise<void>;
  stop(laneId: LaneId): Promise<void>;
  promote(laneId: LaneId, services: readonly string[] | null): Promise<{ serviceIds: ServiceId[] }>;
}

/** Views are computed when they are asked for. */
export interface ServiceViews {
  /** Of all stacks of the project, by name. */
  services(projectId: ProjectId): ServiceView[];
  /** Null for a service that is gone. */
  service(serviceId: ServiceId): ServiceView | null;
  /** Newest first. */
  revisions(serviceId: ServiceId): RevisionView[];
  /** Newest first. */
  rollouts(serviceId: ServiceId): RolloutView[];
  /** Newest first, at most 500. */
  events(projectId: ProjectId): ServiceEvent[];
  progress(projectId: ProjectId): ImageProgressView[];
  hosts(): ServiceHostView[];
  secrets(projectId: ProjectId): SecretView[];
  configs(projectId: ProjectId): ConfigView[];
  volumes(projectId: ProjectId): VolumeView[];
  previews(projectId: ProjectId): PreviewView[];
  loads(projectId: ProjectId): LoadTest[];
}

export interface Orchestrator {
  readonly services: ServiceRequests;
  readonly stacks: StackRequests;
  readonly secrets: SecretRequests;
  readonly volumes: VolumeRequests;
  readonly engines: EngineRequests;
  readonly loads: LoadRequests;
  readonly replicas: ReplicaRequests;
  readonly previews: PreviewRequests;
  readonly views: ServiceViews;
  readonly onDidChange: Event<ServiceChange>;
  /** Resolves when nothing is being done at the moment. */
  idle(): Promise<void>;
  /** Ends what is done, not what runs: services go on without the app. */
  dispose(): void;
}
