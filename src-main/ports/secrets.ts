/** Secrets as the orchestrator handles them: sealed at rest, and as files of a container's memory. */
import type { Result } from '#shared/base/result.ts';
import type { GantryError } from '#shared/contract/error.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId, StackName } from '#shared/model/service-ids.ts';
import type { SealedValue } from '#shared/model/service-resource.ts';
import type { ContainerEngine, EngineResult } from './engine.ts';

/** Envelope encryption under the master keys of this installation. */
export interface SecretVault {
  /** The master key that `seal` uses. */
  readonly keyId: string;
  /** Where the keys are kept: "the system's keychain", "/home/…/keys (0600)". */
  readonly keptIn: string;
  seal(plain: Uint8Array): SealedValue;
  /** Fails when its master key is not here or the value was tampered with; says which and what to do. */
  open(sealed: SealedValue): Result<Uint8Array, GantryError>;
  /** The same value under the newest key, without its plain text leaving the call. */
  rewrap(sealed: SealedValue): Result<SealedValue, GantryError>;
  /** Makes a new master key, kept before it is used; older ones stay for what is still sealed with them. */
  rotate(): Promise<Result<{ keyId: string }, GantryError>>;
  /** Forgets older keys; only call when nothing is sealed with them. */
  forgetOldKeys(): Promise<void>;
}

/** One file below `/run/secrets`. */
export interface SecretFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Puts secrets into the memory of a host, for containers to mount read-only. */
export interface SecretFiles {
  /**
   * Answers the volume that holds exactly these files: a tmpfs, held by a keeper container, filled
   * anew when it is empty (after a restart of keeper or engine). `key` names the set (service and
   * versions); the same key and files give the same volume. Idempotent and safe to call at once.
   */
  ensure(set: {
    readonly engine: ContainerEngine;
    readonly instance: string;
    readonly projectId: ProjectId;
    readonly stack: StackName;
    readonly serviceId: ServiceId;
    readonly key: string;
    readonly files: readonly SecretFile[];
    /** An image on that host that has `sleep` and `sh`: the edge's. */
    readonly keeperImage: string;
  }): Promise<EngineResult<{ volume: string }>>;
  /** Whether the volume of this key is filled, so that a container that mounts it may be (re)started. */
  isFilled(engine: ContainerEngine, instance: string, key: string): Promise<EngineResult<boolean>>;
  /** Ends keepers and removes volumes of a service but those of `keep`. Harmless to repeat. */
  release(
    engine: ContainerEngine,
    instance: string,
    serviceId: ServiceId,
    keep: ReadonlySet<string>,
  ): Promise<EngineResult<null>>;
}
