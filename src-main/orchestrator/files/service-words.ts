/**
 * The one table of the words in which a file says a service. Reading and exporting both go by it,
 * so that what is exported reads back as the same spec.
 */
import {
  type HealthCheck,
  healthCheckSchema,
  type ImageSource,
  type RestartPolicy,
  type ServiceMount,
  type ServicePort,
  type ServiceRoute,
  type ServiceSpec,
  serviceSpecSchema,
  type UpdatePolicy,
} from '#shared/model/service-spec.ts';
import {
  block,
  commandLine,
  duration,
  field,
  fieldOrNothing,
  flag,
  listOf,
  number,
  oneOf,
  orNothing,
  said,
  size,
  text,
  texts,
  type Word,
} from './word.ts';
import { configUse, constraint, mountText, portText, publication, secretUse, shortOrLong } from './short-words.ts';

/** What a spec is where a file says nothing. */
const defaults = serviceSpecSchema.parse({ name: 'x', image: { kind: 'image', reference: 'x' } });
const probed = healthCheckSchema.parse({ probe: { kind: 'tcp', port: 1 } });

type Build = Extract<ImageSource, { kind: 'build' }>;
type Probe = HealthCheck['probe'];
type Limits = UpdatePolicy['limits'];
type CanaryStep = UpdatePolicy['canarySteps'][number];

const build: Word<Build> = shortOrLong(
  text,
  block<Build>(
    'A build',
    [
      field('context', 'context', text),
      field('dockerfile', 'dockerfile', text),
      field('target', 'target', text),
      field('args', 'args', texts),
    ],
    {
      defaults: { dockerfile: 'Dockerfile', target: null, args: {} },
      finish: (read) => ({ kind: 'build', ...read }),
    },
  ),
  { read: (context) => ({ kind: 'build', context }), write: () => undefined },
);

const port: Word<ServicePort> = shortOrLong(
  portText,
  block<ServicePort>(
    'A port',
    [
      field('containerPort', 'containerPort', number),
      field('protocol', 'protocol', oneOf('http', 'tcp')),
      field('publish', 'publish', publication),
    ],
    { defaults: { protocol: 'http', publish: null } },
  ),
  { read: (read) => read, write: (value) => (portText.canWrite(value) ? value : undefined) },
);

const route = block<ServiceRoute>(
  'A route',
  [
    field('host', 'host', text),
    field('path', 'path', text),
    field('containerPort', 'containerPort', number),
    field('certificate', 'certificate', text as Word<NonNullable<ServiceRoute['certificate']>>),
  ],
  { defaults: { host: null, path: '/', certificate: null } },
);

const health = block<HealthCheck & { port?: number }>(
  'A health check',
  [
    said('http', 'probe', text, {
      read: (path) => ({ kind: 'http', path }),
      write: ({ probe }) => (probe.kind === 'http' ? probe.path : undefined),
    }),
    said('port', 'port', number, {
      read: (value) => value,
      write: ({ probe }) => (probe.kind === 'http' ? probe.port : undefined),
    }),
    said('tcp', 'probe', number, {
      read: (value) => ({ kind: 'tcp', port: value }),
      write: ({ probe }) => (probe.kind === 'tcp' ? probe.port : undefined),
    }),
    said('exec', 'probe', commandLine, {
      read: (command) => ({ kind: 'exec', command }),
      write: ({ probe }) => (probe.kind === 'exec' ? probe.command : undefined),
    }),
    field('interval', 'intervalMs', duration),
    field('timeout', 'timeoutMs', duration),
    field('retries', 'retries', number),
    field('startPeriod', 'startPeriodMs', duration),
  ],
  {
    defaults: probed,
    finish: ({ port: given, ...read }, at) => {
      const probe = read['probe'] as Probe | undefined;
      if (probe === undefined) return at.report('This health check says not how. Expected http, tcp or exec.');
      if (given === undefined) return read;
      if (probe.kind !== 'http') return at.report('"port" goes with http. Expected "tcp: PORT" for a tcp check.');
      return { ...read, probe: { ...probe, port: given } };
    },
  },
);

const restart: Word<RestartPolicy> = shortOrLong(
  oneOf('any', 'on-failure', 'none'),
  block<RestartPolicy>(
    'A restart policy',
    [
      field('condition', 'condition', oneOf('any', 'on-failure', 'none')),
      field('delay', 'delayMs', duration),
      field('delayMax', 'delayMsMax', duration),
      field('attemptsMax', 'attemptsMax', number),
      field('window', 'windowMs', duration),
    ],
    { defaults: defaults.restart },
  ),
  { read: (condition) => ({ condition }), write: () => undefined },
);

const mount: Word<ServiceMount> = shortOrLong(
  mountText,
  block<ServiceMount & { volume: string; source: string; readOnly: boolean; sizeBytes: number | null }>(
    'A mount',
    [
      field('volume', 'volume', text),
      field('bind', 'source', text),
      said('tmpfs', 'kind', text, {
        read: (target) => ({ tmpfs: target }),
        write: (whole) => (whole.kind === 'tmpfs' ? whole.target : undefined),
      }),
      said('target', 'target', text, {
        read: (target) => target,
        write: (whole) => (whole.kind === 'tmpfs' ? undefined : whole.target),
      }),
      field('readOnly', 'readOnly', flag),
      field('size', 'sizeBytes', size),
    ],
    {
      defaults: { readOnly: false },
      finish: ({ kind, ...read }, at) => {
        const ways =
          ['volume', 'source'].filter((key) => read[key] !== undefined).length + (kind === undefined ? 0 : 1);
        if (ways !== 1) return at.report('Expected one of volume, bind and tmpfs.');
        if (kind !== undefined) return { kind: 'tmpfs', target: (kind as { tmpfs: string }).tmpfs, ...read };
        return { kind: read['volume'] === undefined ? 'bind' : 'volume', ...read };
      },
    },
  ) as Word<ServiceMount>,
  { read: (read) => read, write: (value) => (mountText.canWrite(value) ? value : undefined) },
);

const canaryStep = block<CanaryStep>(
  'A canary step',
  [
    field('weightPercent', 'weightPercent', number),
    fieldOrNothing('hold', 'holdMs', orNothing(duration, 'until-promoted')),
  ],
  { defaults: {} },
);

const rolloutLimits = block<Limits>(
  'The limits of a rollout',
  [
    fieldOrNothing('errorPercentMax', 'errorPercentMax', orNothing(number, 'none')),
    fieldOrNothing('p99Max', 'p99MsMax', orNothing(duration, 'none')),
    fieldOrNothing('restartsMax', 'restartsMax', orNothing(number, 'none')),
  ],
  { defaults: defaults.update.limits },
);

const updatePolicy = block<UpdatePolicy>(
  'An update policy',
  [
    field('strategy', 'strategy', oneOf('rolling', 'blue-green', 'canary')),
    field('parallelism', 'parallelism', number),
    field('delay', 'delayMs', duration),
    field('order', 'order', oneOf('start-first', 'stop-first')),
    field('monitor', 'monitorMs', duration),
    field('failureRatioMax', 'failureRatioMax', number),
    field('healthDeadline', 'healthDeadlineMs', duration),
    field('progressDeadline', 'progressDeadlineMs', duration),
    field('onFailure', 'onFailure', oneOf('rollback', 'pause')),
    field('canarySteps', 'canarySteps', listOf(canaryStep)),
    field('limits', 'limits', rolloutLimits),
    field('drain', 'drainMs', duration),
    field('keepPrevious', 'keepPreviousMs', duration),
  ],
  { defaults: defaults.update },
);

const limits = block<ServiceSpec['limits']>(
  'The limits of a service',
  [field('cpus', 'cpus', number), field('memory', 'memoryBytes', size), field('pids', 'pids', number)],
  { defaults: defaults.limits },
);

/** A whole service. */
export const serviceWord: Word<ServiceSpec> = block<ServiceSpec>(
  'A Service',
  [
    field('name', 'name', text as Word<ServiceSpec['name']>),
    said('image', 'image', text, {
      read: (reference) => ({ kind: 'image', reference }),
      write: ({ image }) => (image.kind === 'image' ? image.reference : undefined),
    }),
    said('build', 'image', build, {
      read: (value) => value,
      write: ({ image }) => (image.kind === 'build' ? image : undefined),
    }),
    said('replicas', 'mode', number, {
      read: (replicas) => ({ kind: 'replicated', replicas }),
      write: ({ mode }) => (mode.kind === 'replicated' && mode.replicas !== 1 ? mode.replicas : undefined),
    }),
    said('mode', 'mode', oneOf('global'), {
      read: () => ({ kind: 'global' }),
      write: ({ mode }) => (mode.kind === 'global' ? 'global' : undefined),
    }),
    field('entrypoint', 'entrypoint', commandLine),
    field('command', 'command', commandLine),
    field('env', 'env', texts),
    field('workingDirectory', 'workingDirectory', text),
    field('user', 'user', text),
    field('ports', 'ports', listOf(port)),
    field('routes', 'routes', listOf(route)),
    field('limits', 'limits', limits),
    field('restart', 'restart', restart),
    field('health', 'health', health),
    field('constraints', 'constraints', listOf(constraint)),
    field('volumes', 'mounts', listOf(mount)),
    field('secrets', 'secrets', listOf(secretUse)),
    field('configs', 'configs', listOf(configUse)),
    field('stopSignal', 'stopSignal', text),
    field('stopGrace', 'stopGraceMs', duration),
    field('dependsOn', 'dependsOn', listOf(text as Word<ServiceSpec['name']>)),
    field('update', 'update', updatePolicy),
    field('rollback', 'rollback', updatePolicy),
    field('labels', 'labels', texts),
  ],
  {
    defaults,
    finish: (read, at) => {
      if (read['name'] === undefined) return at.report('This Service has no "name". Expected one.');
      if (read['image'] === undefined) return at.report('This Service has no image. Expected "image:" or "build:".');
      return withProbedPort(read, at);
    },
  },
);

/** An http check that names no port goes to the service's only http port. */
function withProbedPort(
  read: Record<string, unknown>,
  at: { report(message: string): undefined; get(key: string): { report(message: string): undefined } | null },
): Record<string, unknown> | undefined {
  const check = read['health'] as { probe: { kind: string; port?: number } } | undefined;
  if (check?.probe.kind !== 'http' || check.probe.port !== undefined) return read;
  const ports = ((read['ports'] ?? []) as Partial<ServicePort>[]).filter((each) => each.protocol !== 'tcp');
  const [only, another] = ports;
  if (only === undefined || another !== undefined) {
    const place = at.get('health') ?? at;
    return place.report('This http check names no port, and the service has not exactly one. Expected "port:".');
  }
  check.probe.port = only.containerPort as number;
  return read;
}
