/** What a person, a file or another part of the program asks of services: checked, stored, and then the loops' business. */
import { assertDefined } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { DeployPlan, PreflightFinding } from '#shared/contract/service-views.ts';
import type { ProjectId, CheckpointId, BranchName } from '#shared/model/ids.ts';
import type { DeployOrigin, Revision, Rollout, Service } from '#shared/model/service.ts';
import { mainStack, type RolloutId, serviceIdOf, type ServiceId, type StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import type { DeployCheckpoint } from '../../state/service-command.ts';
import { describeStrategy } from '../decide/describe-strategy.ts';
import { describeNewService, type StackFacts } from '../decide/describe-new-service.ts';
import { diffSpecs, type PinnedSpec } from '../decide/spec-diff.ts';
import type { Deploy, Deployed, ServiceRequests } from '../orchestrator.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';

export class ServiceDesk implements ServiceRequests {
  readonly #core: OrchestratorCore;
  readonly #backUp: (serviceId: ServiceId, why: string) => Promise<void>;

  constructor(core: OrchestratorCore, backUp: (serviceId: ServiceId, why: string) => Promise<void>) {
    this.#core = core;
    this.#backUp = backUp;
  }

  /** What deploying would change and what stands against it. Changes nothing. */
  async plan(projectId: ProjectId, stack: StackName, spec: ServiceSpec): Promise<DeployPlan> {
    const { read } = this.#core.world.store;
    const service = read.service(serviceIdOf(projectId, stack, spec.name));
    const before = service === null ? null : newestRevision(this.#core, service);
    const pinned = this.#asPinned(projectId, spec, before);
    const changes =
      before === null ? describeNewService(pinned, this.#stackFacts(projectId, stack)) : diffSpecs(before, pinned);
    const findings = await this.preflight(projectId, stack, spec);
    const isBlocked = findings.some((finding) => finding.verdict === 'failed');
    const action = isBlocked ? 'blocked' : before === null ? 'create' : changes.length > 0 ? 'change' : 'unchanged';
    return {
      entries: [
        {
          kind: 'service',
          name: spec.name,
          action,
          changes,
          strategy: describeStrategy(spec, before?.spec ?? null),
          findings,
        },
      ],
      unsupported: [],
      warnings: findings.filter((finding) => finding.verdict === 'warned').map((finding) => finding.detail),
      fingerprint: `${service?.id ?? spec.name}@${service?.revisions ?? 0}`,
    };
  }

  #stackFacts(projectId: ProjectId, stack: StackName): StackFacts {
    const { read } = this.#core.world.store;
    const volumes = read.volumes(projectId).filter((volume) => volume.stack === stack && volume.hostId !== null);
    return {
      stack,
      isEmpty: read.services(projectId).every((service) => service.stack !== stack),
      volumes: new Set(volumes.map(({ name }) => name)),
    };
  }

  /** What a deploy of this spec would meet. Changes nothing. */
  async preflight(projectId: ProjectId, stack: StackName, spec: ServiceSpec): Promise<PreflightFinding[]> {
    await this.#core.fleet.settled();
    const service = this.#core.world.store.read.service(serviceIdOf(projectId, stack, spec.name));
    return this.#core.preflight.check(
      service ?? imagined(projectId, stack, spec),
      { spec, digest: null },
      this.#core.hostFacts(),
    );
  }

  /** Makes the next revision and begins its rollout; refuses before anything is touched. */
  async deploy(deploy: Deploy, promoted: Pick<Revision, 'digest' | 'commit'> | null = null): Promise<Deployed> {
    return this.#deploy(deploy, promoted, `${deploy.spec.name} was not deployed`);
  }

  /** Several, each with what it was proven with: what stands against any of them is said before the first begins. */
  async deployAll(
    all: readonly { readonly deploy: Deploy; readonly promoted: Pick<Revision, 'digest' | 'commit'> }[],
    refused: string,
  ): Promise<Deployed[]> {
    const findings: PreflightFinding[] = [];
    for (const { deploy } of all) findings.push(...(await this.preflight(deploy.projectId, deploy.stack, deploy.spec)));
    refuseFailed(findings, refused);
    const deployed: Deployed[] = [];
    for (const { deploy, promoted } of all) deployed.push(await this.deploy(deploy, promoted));
    return deployed;
  }

  /** `refused` says what has not happened where the preflight stands against it: "web was not scaled to 3". */
  async #deploy(
    deploy: Deploy,
    promoted: Pick<Revision, 'digest' | 'commit'> | null,
    refused: string,
  ): Promise<Deployed> {
    const { world } = this.#core;
    const { projectId, stack, spec, origin } = deploy;
    if (world.store.read.project(projectId) === null)
      throw new GantryError('not-found', `The project ${projectId} is not open.`);
    refuseFailed(await this.preflight(projectId, stack, spec), refused);
    const target = await world.code.target(projectId);
    const serviceId = serviceIdOf(projectId, stack, spec.name);
    const { revision, unchanged } = await proposeOrThrow(world, {
      kind: 'service.deploy',
      serviceId,
      projectId,
      stack,
      name: spec.name,
      spec,
      digest: promoted?.digest ?? null,
      commit: promoted?.commit ?? (spec.image.kind === 'build' ? (target?.commit ?? null) : null),
      origin,
      rolloutId: this.#newRolloutId(),
      checkpoint: this.#checkpoint(stack, target, `Deploy ${spec.name}`),
      expectedRevisions: deploy.expectedRevisions,
    });
    await this.#core.hostPorts.choose(serviceId, spec);
    return { serviceId, revision, unchanged };
  }

  async scale(serviceId: ServiceId, replicas: number): Promise<{ revision: number }> {
    const service = this.#stored(serviceId);
    const { spec } = this.#wanted(service);
    if (spec.mode.kind === 'global') {
      throw new GantryError('wrong-state', `${service.name} runs once on every host; it has no number of replicas.`);
    }
    const scaled = { ...spec, mode: { kind: 'replicated' as const, replicas } };
    return this.#again(service, scaled, `${service.name} was not scaled to ${replicas}`);
  }

  /** A new revision that differs in nothing but a label of its containers, so that all are replaced. */
  async restart(serviceId: ServiceId): Promise<void> {
    const service = this.#stored(serviceId);
    const { spec } = this.#wanted(service);
    const labels = { ...spec.labels, 'restarted-at': new Date(this.#core.world.clock.nowMs()).toISOString() };
    await this.#again(service, { ...spec, labels }, `The replicas of ${service.name} were not replaced`);
  }

  async rollBack(
    serviceId: ServiceId,
    toRevision: number,
    origin: DeployOrigin = { kind: 'person' },
  ): Promise<Rollout> {
    const { world } = this.#core;
    const service = this.#stored(serviceId);
    const rolloutId = this.#newRolloutId();
    const target = await world.code.target(service.projectId);
    // The timeline's own rollback has done so already.
    if (origin.kind !== 'timeline')
      await this.#backUp(serviceId, `before ${service.name} went back to revision ${toRevision}`);
    await proposeOrThrow(world, {
      kind: 'service.rollBack',
      serviceId,
      toRevision,
      origin,
      rolloutId,
      // The timeline's own rollback has its entry already.
      checkpoint:
        origin.kind === 'timeline'
          ? null
          : this.#checkpoint(service.stack, target, `Roll ${service.name} back to revision ${toRevision}`),
    });
    return assertDefined(world.store.read.rollout(rolloutId), 'a rollout that was begun is stored');
  }

  async remove(serviceId: ServiceId): Promise<void> {
    this.#stored(serviceId);
    await proposeOrThrow(this.#core.world, { kind: 'service.remove', serviceId });
  }

  async pause(rolloutId: RolloutId): Promise<void> {
    const detail = 'Paused by a person.';
    await proposeOrThrow(this.#core.world, { kind: 'rollout.pause', rolloutId, because: 'person', detail });
  }

  async resume(rolloutId: RolloutId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'rollout.resume', rolloutId });
  }

  async promote(rolloutId: RolloutId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'rollout.promote', rolloutId });
  }

  /** Ends it; where something served before, the way back begins in the same step. */
  async abort(rolloutId: RolloutId): Promise<void> {
    const { world } = this.#core;
    const rollout = world.store.read.rollout(rolloutId);
    if (rollout === null) throw new GantryError('not-found', `The rollout ${rolloutId} does not exist.`);
    const goesBack = rollout.kind === 'deploy' && rollout.fromRevision !== null;
    const detail = 'Aborted by a person.';
    await proposeOrThrow(world, {
      kind: 'rollout.end',
      rolloutId,
      outcome: 'aborted',
      detail,
      decisions: [
        { atMs: world.clock.nowMs(), gate: 'person', verdict: 'failed', detail, durationMs: null, evidence: {} },
      ],
      keepPreviousUntilMs: null,
      back:
        goesBack && rollout.fromRevision !== null
          ? { rolloutId: this.#newRolloutId(), toRevision: rollout.fromRevision }
          : null,
    });
  }

  /** The same service with another spec, as the person who asks wants it: from the newest wanted revision. */
  async #again(service: Service, spec: ServiceSpec, refused: string): Promise<{ revision: number }> {
    const wanted = this.#wanted(service);
    const { revision } = await this.#deploy(
      {
        projectId: service.projectId,
        stack: service.stack,
        spec,
        origin: { kind: 'person' },
        expectedRevisions: service.revisions,
      },
      // The very image that is wanted now, not whatever its tag has come to mean.
      { digest: wanted.digest, commit: wanted.commit },
      refused,
    );
    return { revision };
  }

  #stored(serviceId: ServiceId): Service {
    const service = this.#core.world.store.read.service(serviceId);
    if (service === null) throw new GantryError('not-found', `The service ${serviceId} does not exist (any more).`);
    return service;
  }

  /** What is being rolled out, else what serves. */
  #wanted(service: Service): Revision {
    const { read } = this.#core.world.store;
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const number = rollout?.toRevision ?? service.servingRevision ?? service.revisions;
    return assertDefined(read.revision(service.id, number), 'a wanted revision is stored');
  }

  /** The spec with what would be pinned for it now. What its image will be is not known before it is had. */
  #asPinned(projectId: ProjectId, spec: ServiceSpec, before: Revision | null): PinnedSpec {
    const { read } = this.#core.world.store;
    const isSameSource = JSON.stringify(before?.spec.image) === JSON.stringify(spec.image);
    const newest = (versions: readonly { version: number }[] | undefined): number => versions?.at(-1)?.version ?? 0;
    return {
      spec,
      digest: isSameSource ? (before?.digest ?? null) : null,
      secretVersions: Object.fromEntries(
        spec.secrets.map(({ secret }) => [secret, newest(read.secret(projectId, secret)?.versions)]),
      ),
      configVersions: Object.fromEntries(
        spec.configs.map(({ config }) => [config, newest(read.config(projectId, config)?.versions)]),
      ),
    };
  }

  #newRolloutId(): RolloutId {
    return `rollout-${this.#core.world.random.id(12)}` as RolloutId;
  }

  /** Previews leave no trace on the timeline. */
  #checkpoint(
    stack: StackName,
    target: { branch: string; commit: DeployCheckpoint['headCommit'] } | null,
    label: string,
  ): DeployCheckpoint | null {
    if (stack !== mainStack || target === null) return null;
    return {
      checkpointId: `checkpoint-${this.#core.world.random.id(12)}` as CheckpointId,
      branch: target.branch as BranchName,
      headCommit: target.commit,
      label,
    };
  }
}

function newestRevision(core: OrchestratorCore, service: Service): Revision | null {
  return core.world.store.read.revision(service.id, service.revisions);
}

/** The service as it would be stored, for looking at one that does not exist yet. */
function imagined(projectId: ProjectId, stack: StackName, spec: ServiceSpec): Service {
  return {
    id: serviceIdOf(projectId, stack, spec.name),
    projectId,
    stack,
    name: spec.name,
    state: 'active',
    servingRevision: null,
    rolloutId: null,
    publishedPorts: [],
    revisions: 0,
    createdAtMs: 0,
  };
}

function refuseFailed(findings: readonly PreflightFinding[], refused: string): void {
  const failed = findings.filter((finding) => finding.verdict === 'failed');
  if (failed.length === 0) return;
  const why = [...new Set(failed.map((finding) => finding.detail))].join(' ');
  throw new GantryError('preflight-failed', `${refused}; nothing was touched. ${why}`, { data: failed });
}
