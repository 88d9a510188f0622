/** The commands about services: as `command.ts`, of which they are a part. */
import type { BranchName, CheckpointId, CommitId, LaneId, ProjectId, RollbackId } from '#shared/model/ids.ts';
import type { DeployOrigin, RolloutDecision, RolloutStage } from '#shared/model/service.ts';
import type {
  HostId,
  ImageDigest,
  RolloutId,
  SecretName,
  ServiceId,
  ServiceName,
  StackName,
  VolumeName,
} from '#shared/model/service-ids.ts';
import type { SealedValue, ServiceHost } from '#shared/model/service-resource.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';

/** The timeline entry that a deploy to the main stack makes before anything moves. */
export interface DeployCheckpoint {
  readonly checkpointId: CheckpointId;
  readonly branch: BranchName;
  readonly headCommit: CommitId;
  readonly label: string;
}

/** What may be proposed about services. */
export type ServiceCommand =
  /**
   * Makes the next revision and begins a rollout to it; the service is made when it is new. A
   * rollout under way ends as superseded. Pins the newest versions of the secrets and configs
   * that the spec names; refused (`unknown-secret`) when one is missing. Answers the revision and
   * the rollout's number. A spec that pins to exactly the newest revision (`sameAs`) answers that
   * revision and begins nothing.
   */
  | {
      kind: 'service.deploy';
      serviceId: ServiceId;
      projectId: ProjectId;
      stack: StackName;
      name: ServiceName;
      spec: ServiceSpec;
      /** Already resolved, as for a promoted preview; else null. */
      digest: ImageDigest | null;
      commit: CommitId | null;
      origin: DeployOrigin;
      rolloutId: RolloutId;
      checkpoint: DeployCheckpoint | null;
      /** Refused with `outdated-plan` when the newest revision is another one. Null does not ask. */
      expectedRevisions: number | null;
    }
  /** Begins a rollout to an older revision, as a person's way back. Supersedes what is under way. */
  | {
      kind: 'service.rollBack';
      serviceId: ServiceId;
      toRevision: number;
      origin: DeployOrigin;
      rolloutId: RolloutId;
      checkpoint: DeployCheckpoint | null;
    }
  /** active → removing; the rollout under way ends as aborted. */
  | { kind: 'service.remove'; serviceId: ServiceId }
  /** Nothing of it is left on any host: forgets service, revisions and rollouts. */
  | { kind: 'service.forget'; serviceId: ServiceId }
  /** The image of a revision was resolved, pulled or built. Set once; the same again is accepted. */
  | { kind: 'revision.pin'; serviceId: ServiceId; number: number; digest: ImageDigest }
  /**
   * Moves a rollout on. Refused with `wrong-state` when its stage is no longer `from` (as JSON) or
   * it is paused or ended: what decided on an old stage decides again. `failures` is the new count.
   */
  | {
      kind: 'rollout.advance';
      rolloutId: RolloutId;
      from: RolloutStage;
      to: RolloutStage;
      failures: number;
      decisions: RolloutDecision[];
    }
  /** Adds evidence or counts progress without changing the stage. */
  | {
      kind: 'rollout.note';
      rolloutId: RolloutId;
      decisions: RolloutDecision[];
      failures: number;
      progressed: boolean;
    }
  | { kind: 'rollout.pause'; rolloutId: RolloutId; because: 'person' | 'failure'; detail: string }
  /** Goes on where it stood; the progress deadline starts afresh, and failures count from 0. */
  | { kind: 'rollout.resume'; rolloutId: RolloutId }
  /** A person wants all traffic on the new revision now. Also resumes. */
  | { kind: 'rollout.promote'; rolloutId: RolloutId }
  /**
   * → ended. `succeeded` makes its revision the serving one and `stable`, and keeps the previous
   * replicas until `keepPreviousUntilMs`. `failed` and `aborted` mark a candidate as failed. `back`
   * begins, in the same step, an `auto-rollback` to the newest stable revision (or the one given);
   * refused for a rollout that is itself a way back.
   */
  | {
      kind: 'rollout.end';
      rolloutId: RolloutId;
      outcome: 'succeeded' | 'failed' | 'aborted';
      detail: string;
      decisions: RolloutDecision[];
      keepPreviousUntilMs: number | null;
      back: { rolloutId: RolloutId; toRevision: number } | null;
    }
  /** The kept replicas of before were taken away. */
  | { kind: 'rollout.releasePrevious'; rolloutId: RolloutId }
  /** Adds a version; the answer names it. Only ciphertext comes this far. */
  | { kind: 'secret.put'; projectId: ProjectId; name: SecretName; sealed: SealedValue; sizeBytes: number }
  /** The same values under another master key, version by version; unknown versions are left. */
  | {
      kind: 'secret.rewrap';
      projectId: ProjectId;
      name: SecretName;
      versions: { version: number; sealed: SealedValue }[];
    }
  /** Refused while the serving revision or the target of a rollout uses it. */
  | { kind: 'secret.remove'; projectId: ProjectId; name: SecretName }
  | { kind: 'config.put'; projectId: ProjectId; name: SecretName; text: string }
  | { kind: 'config.remove'; projectId: ProjectId; name: SecretName }
  /** Declares a volume; the same again is accepted, another driver or options are refused. */
  | {
      kind: 'volume.put';
      projectId: ProjectId;
      stack: StackName;
      name: VolumeName;
      driver: string;
      options: Record<string, string>;
    }
  /** It was made on a host, where its data will be for ever. Set once. */
  | { kind: 'volume.place'; projectId: ProjectId; stack: StackName; name: VolumeName; hostId: HostId }
  /** Refused while a service that is not being removed mounts it. */
  | { kind: 'volume.remove'; projectId: ProjectId; stack: StackName; name: VolumeName }
  | { kind: 'host.put'; host: ServiceHost }
  /** Refused for `local`. */
  | { kind: 'host.remove'; hostId: HostId }
  /** The ports of the host that a service was given: all of them. They keep belonging to it. */
  | { kind: 'service.publish'; serviceId: ServiceId; ports: { containerPort: number; hostPort: number }[] }
  | {
      kind: 'preview.put';
      projectId: ProjectId;
      stack: StackName;
      laneId: LaneId;
      fileName: string;
      state: 'building' | 'running' | 'failed' | 'removing';
      detail: string | null;
    }
  | { kind: 'preview.forget'; projectId: ProjectId; stack: StackName }
  /** The services' part of a rollback is done (or not): its plan's services were handed to rollouts. */
  | { kind: 'rollback.services'; rollbackId: RollbackId; services: { serviceId: ServiceId; rolloutId: RolloutId }[] };

/** What they answer when they are accepted; commands not named here answer null. */
export interface ServiceCommandValues {
  'service.deploy': { revision: number; rolloutNumber: number; unchanged: boolean };
  'service.rollBack': { rolloutNumber: number };
  'secret.put': { version: number };
  'config.put': { version: number };
}
