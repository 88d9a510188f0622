/** Writes resources as a Compose file, with notes on what Compose cannot say. */
import { stringify } from 'yaml';
import type { ServiceMount, ServicePort, ServiceSpec, UpdatePolicy } from '#shared/model/service-spec.ts';
import { formatDuration, formatSize } from '#shared/base/quantities.ts';
import type { Resources } from '../resources.ts';

/** A Compose file that `docker compose` and Gantry read. */
export function writeCompose({ services, secrets, configs, volumes }: Omit<Resources, 'unsupported' | 'warnings'>): {
  text: string;
  notes: string[];
} {
  const notes = services.flatMap(notesOn);
  const file = {
    services: Object.fromEntries(services.map((spec) => [spec.name, serviceOf(spec)])),
    volumes: byName(volumes, ({ driver, options }) => ({
      ...(driver === 'local' ? {} : { driver }),
      ...(Object.keys(options).length === 0 ? {} : { driver_opts: escaped(options) }),
    })),
    // Values of secrets are never written anywhere; Compose finds these on its own.
    secrets: byName(secrets, () => ({ external: true })),
    configs: byName(configs, ({ text }) => ({ content: dollars(text) })),
  };
  const text = stringify(filled(file), { lineWidth: 0 });
  return { text, notes };
}

function serviceOf(spec: ServiceSpec): Record<string, unknown> {
  const { image, mode, limits, health, restart } = spec;
  return filled({
    ...(image.kind === 'image'
      ? { image: dollars(image.reference) }
      : {
          build: filled({
            context: image.context === '.' ? '.' : `./${image.context}`,
            dockerfile: image.dockerfile === 'Dockerfile' ? null : image.dockerfile,
            target: image.target,
            args: escaped(image.args),
          }),
        }),
    entrypoint: spec.entrypoint?.map(dollars) ?? null,
    command: spec.command?.map(dollars) ?? null,
    environment: escaped(spec.env),
    working_dir: spec.workingDirectory,
    user: spec.user,
    ports: spec.ports.filter(({ publish }) => publish !== null).map(portOf),
    expose: spec.ports.filter(({ publish }) => publish === null).map(({ containerPort }) => String(containerPort)),
    volumes: spec.mounts.map(mountOf),
    secrets: spec.secrets.map(({ secret, file }) => (file === null ? secret : { source: secret, target: file })),
    configs: spec.configs.map(({ config, target }) => ({ source: config, target })),
    healthcheck: health === null ? null : healthOf(health),
    depends_on: [...spec.dependsOn],
    stop_signal: spec.stopSignal,
    stop_grace_period: formatDuration(spec.stopGraceMs),
    labels: escaped(spec.labels),
    restart: restart.condition === 'any' ? 'unless-stopped' : restart.condition === 'none' ? 'no' : restart.condition,
    deploy: filled({
      mode: mode.kind === 'global' ? 'global' : null,
      replicas: mode.kind === 'replicated' && mode.replicas !== 1 ? mode.replicas : null,
      resources: filled({
        limits: filled({
          cpus: limits.cpus === null ? null : String(limits.cpus),
          memory: limits.memoryBytes === null ? null : formatSize(limits.memoryBytes),
          pids: limits.pids,
        }),
      }),
      restart_policy: filled({
        condition: restart.condition,
        delay: formatDuration(restart.delayMs),
        max_attempts: restart.attemptsMax,
        window: formatDuration(restart.windowMs),
      }),
      update_config: updateOf(spec.update),
      rollback_config: updateOf(spec.rollback),
      placement: filled({
        constraints: spec.constraints.map(
          ({ attribute, operator, value }) => `${swarmName(attribute)} ${operator} ${value}`,
        ),
      }),
    }),
  });
}

function portOf({ containerPort, protocol, publish }: ServicePort): Record<string, unknown> {
  return filled({
    target: containerPort,
    published: publish?.port === null || publish === null ? null : String(publish.port),
    host_ip: publish?.address ?? null,
    app_protocol: protocol,
  });
}

function mountOf(mount: ServiceMount): Record<string, unknown> {
  if (mount.kind === 'tmpfs') {
    const size = mount.sizeBytes === null ? null : { size: formatSize(mount.sizeBytes) };
    return filled({ type: 'tmpfs', target: mount.target, tmpfs: size });
  }
  const source = mount.kind === 'volume' ? mount.volume : mount.source;
  return filled({ type: mount.kind, source, target: mount.target, read_only: mount.readOnly ? true : null });
}

function healthOf({ probe, intervalMs, timeoutMs, retries, startPeriodMs }: NonNullable<ServiceSpec['health']>) {
  const times = {
    interval: formatDuration(intervalMs),
    timeout: formatDuration(timeoutMs),
    retries,
    start_period: formatDuration(startPeriodMs),
  };
  if (probe.kind === 'exec') return { test: ['CMD', ...probe.command.map(dollars)], ...times };
  if (probe.kind === 'http')
    return { test: ['CMD', 'curl', '-f', `http://localhost:${probe.port}${probe.path}`], ...times };
  return { test: ['CMD', 'nc', '-z', 'localhost', String(probe.port)], ...times };
}

function updateOf(policy: UpdatePolicy): Record<string, unknown> {
  return {
    parallelism: policy.parallelism,
    delay: formatDuration(policy.delayMs),
    order: policy.order,
    monitor: formatDuration(policy.monitorMs),
    max_failure_ratio: policy.failureRatioMax,
    failure_action: policy.onFailure,
  };
}

function swarmName(attribute: string): string {
  if (attribute === 'node.name') return 'node.hostname';
  return attribute === 'node.architecture' ? 'node.platform.arch' : attribute;
}

function notesOn(spec: ServiceSpec): string[] {
  const notes: string[] = [];
  const { name, update, health } = spec;
  if (update.strategy !== 'rolling') notes.push(`${name}: Compose has no ${update.strategy} rollouts.`);
  if (spec.routes.length > 0) notes.push(`${name}: Compose has no routes by host and path.`);
  if (health?.probe.kind === 'http')
    notes.push(`${name}: the HTTP check is written as curl, which its image must have for Compose.`);
  if (health?.probe.kind === 'tcp')
    notes.push(`${name}: the TCP check is written as nc, which its image must have for Compose.`);
  notes.push(`${name}: drain time, deadlines and limits of a rollout are not in the file.`);
  return notes;
}

function byName<Item extends { name: string }>(items: readonly Item[], write: (item: Item) => Record<string, unknown>) {
  return Object.fromEntries(items.map((item) => [item.name, write(item)]));
}

/** A dollar sign would be taken for a variable. */
function dollars(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function escaped(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, dollars(text)]));
}

/** Without what says nothing. */
function filled(fields: Record<string, unknown>): Record<string, unknown> {
  const says = (value: unknown): boolean =>
    value !== null && value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => says(value)));
}
