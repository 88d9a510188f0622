/** What is different between two revisions, in the words of the list of revisions. */
import type { SpecChange } from '#shared/contract/service-views.ts';
import type { Revision } from '#shared/model/service.ts';
import type { HealthCheck, ServiceMount, ServicePort, ServiceSpec, UpdatePolicy } from '#shared/model/service-spec.ts';
import { canonicalJson } from './container-template.ts';

/** A spec with what was pinned for it; nothing may be pinned yet. */
export type PinnedSpec = Pick<Revision, 'spec' | 'digest' | 'secretVersions' | 'configVersions'>;

/**
 * The differences from one revision to another, the weightiest first: "image e07a → 9c1f", "memory
 * 256 → 384 MB", "+1 env". Values of the environment are not shown. From nothing: what it is.
 */
export function diffSpecs(from: PinnedSpec | null, to: PinnedSpec): SpecChange[] {
  if (from === null) return [added('image', `image ${imageText(to)}`), added('mode', modeText(to.spec))];
  const a = from.spec;
  const b = to.spec;
  return [
    ...image(from, to),
    ...mode(a, b),
    ...value(
      'limits.memoryBytes',
      'memory',
      inUnit(a.limits.memoryBytes, bytesPerMb),
      inUnit(b.limits.memoryBytes, bytesPerMb),
      'MB',
    ),
    ...value('limits.cpus', 'cpus', a.limits.cpus, b.limits.cpus),
    ...value('limits.pids', 'pids', a.limits.pids, b.limits.pids),
    ...count('env', 'env', Object.entries(a.env), Object.entries(b.env)),
    ...ports(a.ports, b.ports),
    ...health(a.health, b.health),
    ...items('routes', 'route', a.routes.map(routeText), b.routes.map(routeText)),
    ...count('secrets', 'secret', secretEntries(from), secretEntries(to)),
    ...count('configs', 'config', configEntries(from), configEntries(to)),
    ...items('mounts', '', a.mounts.map(mountText), b.mounts.map(mountText)),
    ...value('entrypoint', 'entrypoint', a.entrypoint?.join(' ') ?? null, b.entrypoint?.join(' ') ?? null),
    ...value('command', 'command', a.command?.join(' ') ?? null, b.command?.join(' ') ?? null),
    ...value('workingDirectory', 'working directory', a.workingDirectory, b.workingDirectory),
    ...value('user', 'user', a.user, b.user),
    ...value('stopSignal', 'stop signal', a.stopSignal, b.stopSignal),
    ...value('stopGraceMs', 'stop grace', inUnit(a.stopGraceMs, 1_000), inUnit(b.stopGraceMs, 1_000), 's'),
    ...items('constraints', 'constraint', a.constraints.map(constraintText), b.constraints.map(constraintText)),
    ...items('dependsOn', 'depends on', a.dependsOn, b.dependsOn),
    ...fields('restart', 'restart', a.restart, b.restart),
    ...policy('update', 'update', a.update, b.update),
    ...policy('rollback', 'rollback', a.rollback, b.rollback),
    ...count('labels', 'label', Object.entries(a.labels), Object.entries(b.labels)),
  ];
}

/** Whether two revisions are the same in everything that they say. */
export function isSameRevision(a: PinnedSpec, b: PinnedSpec): boolean {
  const told = ({ spec, digest, secretVersions, configVersions }: PinnedSpec): string =>
    canonicalJson({ spec, digest, secretVersions, configVersions });
  return told(a) === told(b);
}

const bytesPerMb = 1_024 * 1_024;
/** Longer texts are not shown; that they changed is. */
const shownLengthMax = 40;

function added(field: string, text: string): SpecChange {
  return { field, kind: 'added', text };
}

function removed(field: string, text: string): SpecChange {
  return { field, kind: 'removed', text };
}

function changed(field: string, text: string): SpecChange {
  return { field, kind: 'changed', text };
}

/** A single value: "memory 256 → 384 MB", "user set to web", "user no longer set". */
function value(
  field: string,
  name: string,
  from: string | number | null,
  to: string | number | null,
  unit = '',
): SpecChange[] {
  if (from === to) return [];
  const suffix = unit === '' ? '' : ` ${unit}`;
  if (to === null) return [removed(field, `no ${name}`)];
  if (String(from ?? '').length + String(to).length > shownLengthMax) return [changed(field, `${name} changed`)];
  return from === null
    ? [added(field, `${name} ${to}${suffix}`)]
    : [changed(field, `${name} ${from} → ${to}${suffix}`)];
}

/** Things of which only the number is told: "+1 env", "−2 env", "env PORT". */
function count(
  field: string,
  name: string,
  from: readonly (readonly [string, unknown])[],
  to: readonly (readonly [string, unknown])[],
): SpecChange[] {
  const before = new Map(from);
  const after = new Map(to);
  const more = to.filter(([key]) => !before.has(key)).length;
  const fewer = from.filter(([key]) => !after.has(key)).length;
  const other = to.filter(([key, item]) => before.has(key) && before.get(key) !== item).map(([key]) => key);
  const names = other.join(', ');
  return [
    ...(more > 0 ? [added(field, `+${more} ${name}`)] : []),
    ...(fewer > 0 ? [removed(field, `−${fewer} ${name}`)] : []),
    ...(other.length > 0
      ? [changed(field, names.length > shownLengthMax ? `${other.length} ${name} changed` : `${name} ${names} changed`)]
      : []),
  ];
}

/** Things that are told one by one: "+route example.org/api", "−depends on postgres". */
function items(field: string, name: string, from: readonly string[], to: readonly string[]): SpecChange[] {
  const label = name === '' ? '' : `${name} `;
  return [
    ...to.filter((item) => !from.includes(item)).map((item) => added(field, `+${label}${item}`)),
    ...from.filter((item) => !to.includes(item)).map((item) => removed(field, `−${label}${item}`)),
  ];
}

/** The fields of a block: "restart condition any → on-failure". */
function fields(
  field: string,
  name: string,
  from: Readonly<Record<string, string | number | boolean | null>>,
  to: Readonly<Record<string, string | number | boolean | null>>,
): SpecChange[] {
  return Object.keys(to).flatMap((key) => {
    const before = from[key];
    const after = to[key];
    if (before === after) return [];
    const unit = key.endsWith('Ms') ? ' ms' : '';
    const shown = (part: unknown): string => (part === null || part === undefined ? 'none' : String(part));
    return [changed(`${field}.${key}`, `${name} ${words(key)} ${shown(before)} → ${shown(after)}${unit}`)];
  });
}

function policy(field: string, name: string, from: UpdatePolicy, to: UpdatePolicy): SpecChange[] {
  const { canarySteps: stepsFrom, limits: limitsFrom, ...restFrom } = from;
  const { canarySteps: stepsTo, limits: limitsTo, ...restTo } = to;
  return [
    ...fields(field, name, restFrom, restTo),
    ...value(`${field}.canarySteps`, `${name} steps`, stepsText(stepsFrom), stepsText(stepsTo)),
    ...fields(`${field}.limits`, `${name} limit`, limitsFrom, limitsTo),
  ];
}

function stepsText(steps: UpdatePolicy['canarySteps']): string {
  return steps.map(({ weightPercent }) => `${weightPercent} %`).join(', ');
}

function words(key: string): string {
  return key
    .replace(/Ms$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

function image(from: PinnedSpec, to: PinnedSpec): SpecChange[] {
  if (from.digest !== null && to.digest !== null && from.digest !== to.digest) {
    return [changed('image', `image ${shortDigest(from.digest)} → ${shortDigest(to.digest)}`)];
  }
  if (canonicalJson(from.spec.image) === canonicalJson(to.spec.image)) return [];
  const before = sourceText(from.spec);
  const after = sourceText(to.spec);
  return [changed('image', before === after ? `${after} built otherwise` : `image ${before} → ${after}`)];
}

function imageText({ spec, digest }: PinnedSpec): string {
  return digest === null ? sourceText(spec) : shortDigest(digest);
}

function sourceText({ image }: ServiceSpec): string {
  return image.kind === 'image' ? image.reference : `built from ${image.context}`;
}

function shortDigest(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 4);
}

function mode(a: ServiceSpec, b: ServiceSpec): SpecChange[] {
  if (a.mode.kind === 'replicated' && b.mode.kind === 'replicated') {
    return value('mode', 'replicas', a.mode.replicas, b.mode.replicas);
  }
  return a.mode.kind === b.mode.kind ? [] : [changed('mode', `${modeText(a)} → ${modeText(b)}`)];
}

function modeText({ mode }: ServiceSpec): string {
  if (mode.kind === 'global') return 'one replica on every host';
  return mode.replicas === 1 ? '1 replica' : `${mode.replicas} replicas`;
}

function ports(from: readonly ServicePort[], to: readonly ServicePort[]): SpecChange[] {
  const gone = from.filter((port) => to.every(({ containerPort }) => containerPort !== port.containerPort));
  const come = to.filter((port) => from.every(({ containerPort }) => containerPort !== port.containerPort));
  const [before] = gone;
  const [after] = come;
  if (before !== undefined && after !== undefined && gone.length === 1 && come.length === 1) {
    return [changed('ports', `port ${before.containerPort} → ${after.containerPort}`)];
  }
  const other = to.flatMap((port) => {
    const old = from.find(({ containerPort }) => containerPort === port.containerPort);
    if (old === undefined || canonicalJson(old) === canonicalJson(port)) return [];
    return [changed('ports', `port ${port.containerPort} ${portText(old)} → ${portText(port)}`)];
  });
  return [
    ...come.map(({ containerPort }) => added('ports', `+port ${containerPort}`)),
    ...gone.map(({ containerPort }) => removed('ports', `−port ${containerPort}`)),
    ...other,
  ];
}

function portText({ protocol, publish }: ServicePort): string {
  if (publish === null) return `${protocol}, not published`;
  return `${protocol} at ${publish.address}:${publish.port ?? 'any'}`;
}

function health(from: HealthCheck | null, to: HealthCheck | null): SpecChange[] {
  if (to === null) return from === null ? [] : [removed('health', 'no health check')];
  if (from === null) return [added('health', `health check ${probeText(to)}`)];
  if (probeText(from) !== probeText(to)) return [changed('health', `health check ${probeText(to)}`)];
  const { probe: _from, ...before } = from;
  const { probe: _to, ...after } = to;
  return fields('health', 'health check', before, after);
}

/** "/ready", "of port 5432", or the command. */
export function probeText({ probe }: Pick<HealthCheck, 'probe'>): string {
  if (probe.kind === 'http') return probe.path;
  return probe.kind === 'tcp' ? `of port ${probe.port}` : probe.command.join(' ').slice(0, shownLengthMax);
}

/** "example.org/api to 8080" */
export function routeText({ host, path, containerPort, certificate }: ServiceSpec['routes'][number]): string {
  const secured = certificate === null ? '' : ` with ${certificate}`;
  return `${host ?? ''}${path} to ${containerPort}${secured}`;
}

/** "volume data at /data" */
export function mountText(mount: ServiceMount): string {
  if (mount.kind === 'tmpfs') return `tmpfs at ${mount.target}`;
  const source = mount.kind === 'volume' ? `volume ${mount.volume}` : `folder ${mount.source}`;
  return `${source} at ${mount.target}${mount.readOnly ? ', read-only' : ''}`;
}

function constraintText({ attribute, operator, value }: ServiceSpec['constraints'][number]): string {
  return `${attribute} ${operator} ${value}`;
}

function secretEntries({ spec, secretVersions }: PinnedSpec): [string, string][] {
  return spec.secrets.map(({ secret, file }) => [secret, `${file ?? secret} ${secretVersions[secret] ?? ''}`]);
}

function configEntries({ spec, configVersions }: PinnedSpec): [string, string][] {
  return spec.configs.map(({ config, target }) => [`${config}`, `${target} ${configVersions[config] ?? ''}`]);
}

function inUnit(amount: number | null, unit: number): number | null {
  return amount === null ? null : Number((amount / unit).toFixed(1));
}
