/**
 * A container engine as the orchestrator needs it: one per host. Everything is bounded in time;
 * what the engine refuses is a value (`EngineRefusal`), what cannot be asked at all is one too
 * (`unreachable`, `timeout`): the caller decides, nothing is retried inside but reads.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import type { Event } from '#shared/base/emitter.ts';
import type { Result } from '#shared/base/result.ts';
import type { ImageDigest } from '#shared/model/service-ids.ts';

/** Why an engine did not do something. `message` is for the person: what happened and what to do. */
export interface EngineRefusal {
  readonly reason:
    | 'unreachable' // no answer at all: not running, no permission, wrong address
    | 'timeout' // it took the request and did not answer in time
    | 'no-such-image'
    | 'no-such-container'
    | 'no-such-network'
    | 'no-such-volume'
    | 'port-taken'
    | 'name-taken'
    | 'in-use'
    | 'wrong-architecture'
    | 'disk-full'
    | 'access-denied' // a registry that wants a login
    | 'build-failed'
    | 'not-started' // the command of the container could not be executed
    | 'refused';
  readonly message: string;
  /** What the engine said, word by word. */
  readonly detail: string;
}

export type EngineResult<T> = Result<T, EngineRefusal>;

/** What is known of the engine itself. */
export type EngineState =
  | { readonly state: 'connecting' }
  | {
      readonly state: 'ready';
      readonly name: string; // "Docker", "Podman"
      readonly version: string;
      readonly apiVersion: string;
      readonly os: string;
      /** As images name it: `amd64`, `arm64`. */
      readonly architecture: string;
      readonly cpus: number;
      readonly memoryBytes: number;
      readonly rootFolder: string;
      /** Whether a container can reach the engine's host and the app the engine's loopback: false over a network. */
      readonly isLocal: boolean;
      /** Identifies this engine and start: other containers, other state. */
      readonly startedId: string;
      /** When this start was, by the engine's clock, after what it found running had ended; null where it does not tell. */
      readonly startedAtMs: number | null;
    }
  /** Nothing found where an engine could be: `advice` says how to get one. */
  | { readonly state: 'missing'; readonly advice: string }
  /** Was or should be there and does not answer. What was known before is stale since `sinceMs`. */
  | { readonly state: 'unreachable'; readonly detail: string; readonly advice: string; readonly sinceMs: number }
  | { readonly state: 'too-old'; readonly version: string; readonly advice: string };

/** What a container is made from. Never in a URL: specs carry environment. */
export interface ContainerSpec {
  readonly name: string;
  /** Digest or reference; must be on the host. */
  readonly image: string;
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly workingDirectory: string | null;
  readonly user: string | null;
  readonly hostname: string | null;
  /** The first network is the one it is created on. */
  readonly networks: readonly { readonly network: string; readonly aliases: readonly string[] }[];
  readonly publish: readonly {
    readonly containerPort: number;
    readonly address: string;
    /** 0 takes any free one. */
    readonly hostPort: number;
  }[];
  readonly mounts: readonly (
    | { readonly kind: 'volume'; readonly volume: string; readonly target: string; readonly readOnly: boolean }
    | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean }
    | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number | null }
  )[];
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  /** The engine's own restarts: `unless-stopped` lives on without the app. */
  readonly restart: 'no' | 'unless-stopped';
  readonly health: {
    readonly command: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly startPeriodMs: number;
  } | null;
  readonly stopSignal: string | null;
  readonly stopGraceMs: number | null;
  /** Rotation of the container's own log. */
  readonly logBytesMax: number;
  readonly isReadOnly?: boolean;
  readonly dropCapabilities?: readonly string[];
}

/** A container as a list or an inspection tells it. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'removing';
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly exitCode: number | null;
  readonly wasOutOfMemory: boolean;
  /** Why it could not be started. */
  readonly error: string;
  /** How often the engine itself has started it again. */
  readonly restarts: number;
  readonly restart: 'no' | 'unless-stopped' | 'other';
  /** Null without a health check of the engine. */
  readonly health: {
    readonly status: 'starting' | 'healthy' | 'unhealthy';
    readonly failuresInARow: number;
    readonly last: { readonly exitCode: number; readonly output: string; readonly endedAtMs: number } | null;
  } | null;
  /** Address by network name; empty while it does not run. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly containerPort: number; readonly address: string; readonly hostPort: number }[];
  readonly mounts: readonly { readonly kind: string; readonly source: string; readonly target: string }[];
}

export interface ImageFacts {
  readonly digest: ImageDigest;
  readonly tags: readonly string[];
  /** `name@sha256:…` of registries it came from. */
  readonly repoDigests: readonly string[];
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly architecture: string;
  readonly os: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly number[];
}

export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly gateway: string | null;
  readonly subnet: string | null;
}

export interface VolumeFacts {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  readonly createdAtMs: number;
  /** Null where the engine has not measured it. */
  readonly sizeBytes: number | null;
  readonly usedBy: number | null;
}

/** One moment of a container's use. */
export interface ContainerStats {
  readonly containerId: string;
  readonly atMs: number;
  /** Of one core; null for the first sample. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly pids: number;
}

/** What happened at the engine. After a gap (`resync`) nothing may be assumed: list again. */
export type EngineEvent =
  | { readonly kind: 'resync' }
  | {
      readonly kind: 'container';
      readonly action: string; // start, die, health_status: healthy, oom, destroy, …
      readonly id: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly atMs: number;
    }
  | {
      readonly kind: 'image' | 'network' | 'volume';
      readonly action: string;
      readonly id: string;
      readonly atMs: number;
    };

/** Progress of a pull or a build; `current` and `total` count bytes where they are known. */
export interface ImageProgress {
  readonly phase: string;
  readonly line: string | null;
  readonly currentBytes: number | null;
  readonly totalBytes: number | null;
}

/** A line of a container's output. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly atMs: number;
  /** The engine's own time stamp, exact to the nanosecond, to go on from. */
  readonly timestamp: string;
  readonly text: string;
}

/** A command running in a container with its terminal or pipes. */
export interface ExecSession extends Disposable {
  /** Output in the order in which it came; pulled, so that a slow reader holds the command back. */
  readonly output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  /** No more input. */
  end(): void;
  resize(columns: number, rows: number): Promise<void>;
  /** Comes once the output was read to its end; null for a command that was given up, which disposing ends. */
  readonly exit: Promise<{ readonly exitCode: number | null }>;
}

/** What pruning would remove or removed. */
export interface DiskUse {
  readonly images: { readonly count: number; readonly sizeBytes: number };
  readonly containers: { readonly count: number; readonly sizeBytes: number };
  readonly volumes: { readonly count: number; readonly sizeBytes: number };
  readonly buildCache: { readonly count: number; readonly sizeBytes: number };
  /** All volumes by name, also those in use; ones that could not be measured are left out. */
  readonly volumeSizes: ReadonlyMap<string, number>;
}

/** Containers that carry all of these labels; a null value asks for the label alone. */
export type LabelFilter = Readonly<Record<string, string | null>>;

export interface ContainerEngine extends Disposable {
  readonly state: EngineState;
  readonly onDidChangeState: Event<EngineState>;
  /** Events of everything, also of what others made; those of before a reconnection may come twice. */
  readonly onDidHappen: Event<EngineEvent>;

  listContainers(labels: LabelFilter): Promise<EngineResult<ContainerFacts[]>>;
  inspectContainer(id: string): Promise<EngineResult<ContainerFacts>>;
  createContainer(spec: ContainerSpec): Promise<EngineResult<{ id: string }>>;
  /** Starting what runs is accepted. */
  startContainer(id: string): Promise<EngineResult<null>>;
  /** Asks with its stop signal, kills after `graceMs`. Stopping what has ended is accepted. */
  stopContainer(id: string, graceMs: number): Promise<EngineResult<null>>;
  killContainer(id: string, signal: string): Promise<EngineResult<null>>;
  restartContainer(id: string, graceMs: number): Promise<EngineResult<null>>;
  /** Also ends it. Removing what is gone is accepted. Anonymous volumes go with it, named ones never. */
  removeContainer(id: string): Promise<EngineResult<null>>;
  renameContainer(id: string, name: string): Promise<EngineResult<null>>;
  /** Whether the engine starts it again by itself; takes effect without a restart. */
  setRestart(id: string, restart: ContainerSpec['restart']): Promise<EngineResult<null>>;
  /** Unpacks a tar archive below `path` in the container. */
  putArchive(id: string, path: string, tar: Uint8Array | AsyncIterable<Uint8Array>): Promise<EngineResult<null>>;
  /** `path` of the container as a tar archive. */
  getArchive(id: string, path: string): Promise<EngineResult<AsyncIterable<Uint8Array>>>;
  /** Runs to its end; output bounded, both streams interleaved. */
  run(
    id: string,
    command: readonly string[],
    options?: { input?: Uint8Array; timeoutMs?: number; outputBytesMax?: number; user?: string },
  ): Promise<EngineResult<{ exitCode: number; output: string }>>;
  /** An interactive command. `terminal` null gives pipes. */
  exec(
    id: string,
    command: readonly string[],
    terminal: { columns: number; rows: number } | null,
  ): Promise<EngineResult<ExecSession>>;
  /** Lines in order; with `follow` until `signal` or the container ends. `since` is exclusive. */
  logs(
    id: string,
    options: { since?: string; tailLines?: number; follow: boolean; signal: AbortSignal },
  ): Promise<EngineResult<AsyncIterable<readonly LogLine[]>>>;
  /** One sample each, with bounded concurrency; those that do not run are left out. */
  stats(ids: readonly string[]): Promise<EngineResult<ContainerStats[]>>;

  listImages(): Promise<EngineResult<ImageFacts[]>>;
  /** By reference or digest; only what is on the host. */
  findImage(reference: string): Promise<EngineResult<ImageFacts>>;
  pullImage(
    reference: string,
    onProgress: (progress: ImageProgress) => void,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>>;
  /** Builds from a tar of the context. */
  buildImage(
    build: {
      readonly context: AsyncIterable<Uint8Array>;
      readonly dockerfile: string;
      readonly target: string | null;
      readonly args: Readonly<Record<string, string>>;
      readonly tag: string;
      readonly labels: Readonly<Record<string, string>>;
    },
    onProgress: (progress: ImageProgress) => void,
    signal: AbortSignal,
  ): Promise<EngineResult<ImageFacts>>;
  /** Makes an image of a root file system (`docker import`). */
  importImage(
    root: AsyncIterable<Uint8Array>,
    options: { readonly tag: string; readonly changes: readonly string[] },
  ): Promise<EngineResult<ImageFacts>>;
  tagImage(reference: string, tag: string): Promise<EngineResult<null>>;
  /** Only the tag, unless it is the last one. */
  removeImage(reference: string): Promise<EngineResult<null>>;

  /** Answers the network of that name; makes it when it is not there. */
  ensureNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<EngineResult<NetworkFacts>>;
  listNetworks(labels: LabelFilter): Promise<EngineResult<NetworkFacts[]>>;
  removeNetwork(name: string): Promise<EngineResult<null>>;

  ensureVolume(volume: {
    readonly name: string;
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
  }): Promise<EngineResult<VolumeFacts>>;
  listVolumes(labels: LabelFilter): Promise<EngineResult<VolumeFacts[]>>;
  removeVolume(name: string): Promise<EngineResult<null>>;

  /** All containers of the host that publish a port, with who they are: for telling whose port it is. */
  publishedPorts(): Promise<
    EngineResult<{ hostPort: number; address: string; containerName: string; isOurs: boolean }[]>
  >;
  diskUse(): Promise<EngineResult<DiskUse>>;
}
