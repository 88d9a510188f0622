/** A container's spec in the words of Docker's API. */
import type { ContainerSpec } from '../ports/engine.ts';

const nanosecondsPerMs = 1_000_000;
/** Networks that every engine has, where containers have no names for each other. */
const builtInNetworks = new Set(['bridge', 'host', 'none', 'default']);
/** The engine's log is rotated in so many files. */
const logFiles = 2;

/**
 * The body of `POST /containers/create`. Only the first network is in it: engines before API 1.44
 * take one; the others are connected before the container is started.
 */
export function containerBody(spec: ContainerSpec): object {
  const [first] = spec.networks;
  return {
    Image: spec.image,
    ...given('Entrypoint', spec.entrypoint),
    ...given('Cmd', spec.command),
    ...given('WorkingDir', spec.workingDirectory),
    ...given('User', spec.user),
    ...given('Hostname', spec.hostname),
    ...given('StopSignal', spec.stopSignal),
    ...given('StopTimeout', spec.stopGraceMs === null ? null : Math.ceil(spec.stopGraceMs / 1_000)),
    ...given('Healthcheck', healthBody(spec.health)),
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    Labels: spec.labels,
    ExposedPorts: Object.fromEntries(spec.publish.map(({ containerPort }) => [`${containerPort}/tcp`, {}])),
    HostConfig: {
      ...given('NetworkMode', first?.network ?? null),
      PortBindings: portBindings(spec.publish),
      Mounts: spec.mounts.map(mountBody),
      ...given('NanoCpus', spec.cpus === null ? null : Math.round(spec.cpus * 1e9)),
      ...given('Memory', spec.memoryBytes),
      ...given('PidsLimit', spec.pids),
      RestartPolicy: { Name: spec.restart },
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(Math.ceil(spec.logBytesMax / logFiles)), 'max-file': String(logFiles) },
      },
      ...(spec.isReadOnly === true ? { ReadonlyRootfs: true } : {}),
      ...given('CapDrop', spec.dropCapabilities ?? null),
    },
    ...(first === undefined || builtInNetworks.has(first.network)
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [first.network]: endpointBody(first.aliases) } } }),
  };
}

/** How a container is on a network. */
export function endpointBody(aliases: readonly string[]): object {
  return { Aliases: aliases };
}

function given<T>(name: string, value: T | null): Record<string, T> {
  return value === null ? {} : { [name]: value };
}

function healthBody(health: ContainerSpec['health']): object | null {
  if (health === null) return null;
  return {
    Test: ['CMD', ...health.command],
    Interval: health.intervalMs * nanosecondsPerMs,
    Timeout: health.timeoutMs * nanosecondsPerMs,
    Retries: health.retries,
    StartPeriod: health.startPeriodMs * nanosecondsPerMs,
  };
}

function portBindings(publish: ContainerSpec['publish']): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const { containerPort, address, hostPort } of publish) {
    const binding = { HostIp: address, HostPort: hostPort === 0 ? '' : String(hostPort) };
    (bindings[`${containerPort}/tcp`] ??= []).push(binding);
  }
  return bindings;
}

function mountBody(mount: ContainerSpec['mounts'][number]): object {
  switch (mount.kind) {
    case 'volume':
      return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: mount.readOnly };
    case 'bind':
      return { Type: 'bind', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly };
    case 'tmpfs':
      return { Type: 'tmpfs', Target: mount.target, TmpfsOptions: given('SizeBytes', mount.sizeBytes) };
  }
}
