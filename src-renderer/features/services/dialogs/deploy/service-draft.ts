/** A service's spec as a form holds it: what is typed, as text, until it is read. */
import { formatDuration, formatSize } from '#shared/base/quantities.ts';
import { quoteWords } from '#shared/base/shell-words.ts';
import type { HealthCheck, ServiceMount, ServicePort, ServiceSpec, UpdatePolicy } from '#shared/model/service-spec.ts';

export interface EnvDraft {
  readonly name: string;
  readonly value: string;
}
export interface PortDraft {
  readonly containerPort: string;
  readonly protocol: ServicePort['protocol'];
  readonly publish: 'no' | 'any' | 'chosen';
  readonly address: string;
  readonly hostPort: string;
}
export interface RouteDraft {
  readonly host: string;
  readonly path: string;
  readonly containerPort: string;
  readonly certificate: string;
}
export interface MountDraft {
  readonly kind: ServiceMount['kind'];
  /** The volume's name or the host's folder; for a tmpfs, its size. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}
export interface SecretDraft {
  readonly secret: string;
  readonly file: string;
}
export interface ConfigDraft {
  readonly config: string;
  readonly target: string;
}
export interface HealthDraft {
  readonly kind: 'none' | HealthCheck['probe']['kind'];
  readonly port: string;
  readonly path: string;
  readonly command: string;
  readonly interval: string;
  readonly timeout: string;
  readonly retries: string;
  readonly startPeriod: string;
}
export interface StepDraft {
  readonly weight: string;
  /** Empty: waits for a person. */
  readonly hold: string;
}
export interface UpdateDraft {
  readonly strategy: UpdatePolicy['strategy'];
  readonly order: UpdatePolicy['order'];
  readonly onFailure: UpdatePolicy['onFailure'];
  readonly parallelism: string;
  readonly delay: string;
  readonly monitor: string;
  readonly healthDeadline: string;
  readonly drain: string;
  readonly keepPrevious: string;
  readonly steps: readonly StepDraft[];
  readonly errorPercentMax: string;
  readonly p99MsMax: string;
  readonly restartsMax: string;
}

export interface ServiceDraft {
  readonly name: string;
  readonly source: 'image' | 'build';
  readonly reference: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string;
  readonly isGlobal: boolean;
  readonly replicas: string;
  readonly command: string;
  readonly dependsOn: string;
  readonly env: readonly EnvDraft[];
  readonly ports: readonly PortDraft[];
  readonly routes: readonly RouteDraft[];
  readonly mounts: readonly MountDraft[];
  readonly secrets: readonly SecretDraft[];
  readonly configs: readonly ConfigDraft[];
  readonly cpus: string;
  readonly memory: string;
  readonly pids: string;
  readonly health: HealthDraft;
  readonly update: UpdateDraft;
}

export const blankEnv: EnvDraft = { name: '', value: '' };
export const blankPort: PortDraft = {
  containerPort: '',
  protocol: 'http',
  publish: 'any',
  address: '127.0.0.1',
  hostPort: '',
};
export const blankRoute: RouteDraft = { host: '', path: '/', containerPort: '', certificate: '' };
export const blankMount: MountDraft = { kind: 'volume', source: '', target: '', readOnly: false };
export const blankSecret: SecretDraft = { secret: '', file: '' };
export const blankConfig: ConfigDraft = { config: '', target: '' };
export const blankStep: StepDraft = { weight: '', hold: '1m' };

const text = (value: number | string | null): string => (value === null ? '' : String(value));

/** The form of a spec. What the form does not show stays in the spec and is put back by `readDraft`. */
export function draftOf(spec: ServiceSpec): ServiceDraft {
  const { image, mode, limits } = spec;
  return {
    name: spec.name,
    source: image.kind,
    reference: image.kind === 'image' ? image.reference : '',
    context: image.kind === 'build' ? image.context : '.',
    dockerfile: image.kind === 'build' ? image.dockerfile : 'Dockerfile',
    target: image.kind === 'build' ? text(image.target) : '',
    isGlobal: mode.kind === 'global',
    replicas: mode.kind === 'global' ? '1' : text(mode.replicas),
    command: spec.command === null ? '' : quoteWords(spec.command),
    dependsOn: spec.dependsOn.join(', '),
    env: Object.entries(spec.env).map(([name, value]) => ({ name, value })),
    ports: spec.ports.map(portDraft),
    routes: spec.routes.map((route) => ({
      host: text(route.host),
      path: route.path,
      containerPort: text(route.containerPort),
      certificate: text(route.certificate),
    })),
    mounts: spec.mounts.map(mountDraft),
    secrets: spec.secrets.map(({ secret, file }) => ({ secret, file: text(file) })),
    configs: spec.configs.map(({ config, target }) => ({ config, target })),
    cpus: text(limits.cpus),
    memory: limits.memoryBytes === null ? '' : formatSize(limits.memoryBytes),
    pids: text(limits.pids),
    health: healthDraft(spec.health),
    update: updateDraft(spec.update),
  };
}

function portDraft({ containerPort, protocol, publish }: ServicePort): PortDraft {
  return {
    containerPort: text(containerPort),
    protocol,
    publish: publish === null ? 'no' : publish.port === null ? 'any' : 'chosen',
    address: publish?.address ?? blankPort.address,
    hostPort: text(publish?.port ?? null),
  };
}

function mountDraft(mount: ServiceMount): MountDraft {
  if (mount.kind === 'tmpfs') {
    const source = mount.sizeBytes === null ? '' : formatSize(mount.sizeBytes);
    return { kind: 'tmpfs', source, target: mount.target, readOnly: false };
  }
  const source = mount.kind === 'volume' ? mount.volume : mount.source;
  return { kind: mount.kind, source, target: mount.target, readOnly: mount.readOnly };
}

function healthDraft(health: HealthCheck | null): HealthDraft {
  const probe = health?.probe;
  return {
    kind: probe?.kind ?? 'none',
    port: probe === undefined || probe.kind === 'exec' ? '' : text(probe.port),
    path: probe?.kind === 'http' ? probe.path : '/',
    command: probe?.kind === 'exec' ? quoteWords(probe.command) : '',
    interval: formatDuration(health?.intervalMs ?? 2_000),
    timeout: formatDuration(health?.timeoutMs ?? 2_000),
    retries: text(health?.retries ?? 3),
    startPeriod: formatDuration(health?.startPeriodMs ?? 0),
  };
}

function updateDraft(policy: UpdatePolicy): UpdateDraft {
  return {
    strategy: policy.strategy,
    order: policy.order,
    onFailure: policy.onFailure,
    parallelism: text(policy.parallelism),
    delay: formatDuration(policy.delayMs),
    monitor: formatDuration(policy.monitorMs),
    healthDeadline: formatDuration(policy.healthDeadlineMs),
    drain: formatDuration(policy.drainMs),
    keepPrevious: formatDuration(policy.keepPreviousMs),
    steps: policy.canarySteps.map(({ weightPercent, holdMs }) => ({
      weight: text(weightPercent),
      hold: holdMs === null ? '' : formatDuration(holdMs),
    })),
    errorPercentMax: text(policy.limits.errorPercentMax),
    p99MsMax: text(policy.limits.p99MsMax),
    restartsMax: text(policy.limits.restartsMax),
  };
}
