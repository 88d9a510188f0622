/** A state machine with a project for tests of services, with short ways to each stage of a rollout. */
import { assert } from '#shared/base/assert.ts';
import type { Revision, Rollout, RolloutDecision, RolloutStage, Service } from '#shared/model/service.ts';
import {
  type ImageDigest,
  mainStack,
  type RolloutId,
  type SecretName,
  serviceIdOf,
  type ServiceId,
  type ServiceName,
  type StackName,
  type VolumeName,
} from '#shared/model/service-ids.ts';
import type { SealedValue } from '#shared/model/service-resource.ts';
import { type ServiceSpec, type ServiceSpecInput, serviceSpecSchema } from '#shared/model/service-spec.ts';
import type { CommandOf } from './command.ts';
import { checkpointId, commit, main, projectId, StateFixture } from './state.fixture.ts';

export const rolloutId = (number: number): RolloutId => `rollout-${String(number).padStart(8, '0')}` as RolloutId;
export const serviceId = (name: string, stack: StackName = mainStack): ServiceId =>
  serviceIdOf(projectId, stack, name as ServiceName);
export const digest = (number: number): ImageDigest => `sha256:${number.toString(16).padStart(64, '0')}` as ImageDigest;
export const secretName = (name: string): SecretName => name as SecretName;
export const volumeName = (name: string): VolumeName => name as VolumeName;
export const stack = (name: string): StackName => name as StackName;

/** A spec of an image, with everything else as it is by default. */
export function serviceSpec(name: string, rest: Partial<ServiceSpecInput> = {}): ServiceSpec {
  return serviceSpecSchema.parse({
    name,
    image: { kind: 'image', reference: `registry.example/${name}:1` },
    ...rest,
  });
}

/** A spec that publishes this port of the host. */
export function publishing(
  name: string,
  port: number | null,
  address: string = '127.0.0.1',
  rest: Partial<ServiceSpecInput> = {},
): ServiceSpec {
  return serviceSpec(name, { ports: [{ containerPort: 80, publish: { address, port } }], ...rest });
}

/** Something that looks like a value under envelope encryption. */
export function sealed(text: string): SealedValue {
  return { keyId: 'key-1', wrappedKey: 'd3JhcHBlZA==', iv: 'aXY=', tag: 'dGFn', ciphertext: text };
}

export function decision(detail: string, rest: Partial<RolloutDecision> = {}): RolloutDecision {
  return { atMs: 1, gate: 'health', verdict: 'passed', detail, durationMs: null, evidence: {}, ...rest };
}

type Deploy = Omit<CommandOf<'service.deploy'>, 'atMs'>;

export class ServiceFixture extends StateFixture {
  #rollouts = 0;

  nextRolloutId(): RolloutId {
    this.#rollouts += 1;
    return rolloutId(this.#rollouts);
  }

  deployCommand(spec: ServiceSpec, change: Partial<Deploy> = {}): Deploy {
    const of = change.stack ?? mainStack;
    return {
      kind: 'service.deploy',
      serviceId: serviceId(spec.name, of),
      projectId,
      stack: of,
      name: spec.name,
      spec,
      digest: null,
      commit: null,
      origin: { kind: 'person' },
      rolloutId: this.nextRolloutId(),
      checkpoint: null,
      expectedRevisions: null,
      ...change,
    };
  }

  /** Deploys and answers the rollout that this began. */
  deploy(spec: ServiceSpec, change: Partial<Deploy> = {}): Rollout {
    const command = this.deployCommand(spec, change);
    const { unchanged } = this.accept<'service.deploy'>(command);
    assert(!unchanged, 'there was something to deploy');
    return this.rollout(command.rolloutId);
  }

  /** Ends the rollout well: its revision serves. */
  succeed(rollout: Rollout, keepPreviousUntilMs: number | null = null): Rollout {
    const of = { serviceId: rollout.serviceId, number: rollout.toRevision };
    const { digest: pinned } = this.revision(of.serviceId, of.number);
    if (pinned === null) this.accept({ kind: 'revision.pin', ...of, digest: digest(of.number) });
    this.accept({
      kind: 'rollout.end',
      rolloutId: rollout.id,
      outcome: 'succeeded',
      detail: 'All replicas serve.',
      decisions: [],
      keepPreviousUntilMs,
      back: null,
    });
    return this.rollout(rollout.id);
  }

  /** Deploys and ends the rollout well. */
  serve(spec: ServiceSpec, change: Partial<Deploy> = {}): Rollout {
    return this.succeed(this.deploy(spec, change));
  }

  /** What ends a rollout badly. */
  failing(rollout: Rollout, back: CommandOf<'rollout.end'>['back'] = null) {
    return {
      kind: 'rollout.end' as const,
      rolloutId: rollout.id,
      outcome: 'failed' as const,
      detail: 'api.1 ended with exit code 1.',
      decisions: [],
      keepPreviousUntilMs: null,
      back,
    };
  }

  advance(rollout: Rollout, to: RolloutStage): Rollout {
    const from = this.rollout(rollout.id).stage;
    this.accept({ kind: 'rollout.advance', rolloutId: rollout.id, from, to, failures: 0, decisions: [] });
    return this.rollout(rollout.id);
  }

  putSecret(name: string, text: string = 'Y2lwaGVy'): number {
    const of = { kind: 'secret.put' as const, projectId, name: secretName(name) };
    return this.accept<'secret.put'>({ ...of, sealed: sealed(text), sizeBytes: 6 }).version;
  }

  putConfig(name: string, text: string): number {
    return this.accept<'config.put'>({ kind: 'config.put', projectId, name: secretName(name), text }).version;
  }

  /** The timeline entry of a deploy; `number` makes its id. */
  checkpoint(number: number) {
    return { checkpointId: checkpointId(number), branch: main, headCommit: commit(7), label: 'Deploy' };
  }

  service(id: ServiceId): Service {
    const service = this.read.service(id);
    assert(service !== null, `there is a service ${id}`);
    return service;
  }

  revision(id: ServiceId, number: number): Revision {
    const revision = this.read.revision(id, number);
    assert(revision !== null, `there is a revision ${number} of ${id}`);
    return revision;
  }

  rollout(id: RolloutId): Rollout {
    const rollout = this.read.rollout(id);
    assert(rollout !== null, `there is a rollout ${id}`);
    return rollout;
  }
}
