/** One service of a Compose file as a spec. */
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { checkedSpec } from '../check-spec.ts';
import { commandLine, duration, size, text, wrong } from '../word.ts';
import { nearestWord } from '../nearest-word.ts';
import type { YamlValue } from '../yaml-source.ts';
import type { ComposeContext } from './compose-context.ts';
import { readDeploy } from './compose-deploy.ts';
import { readHealth } from './compose-health.ts';
import { readMounts } from './compose-mounts.ts';
import { readPorts } from './compose-ports.ts';

/** What the service says of secrets and configs: by name in the file. */
type Draft = Record<string, unknown>;
type ReadKey = (context: ComposeContext, place: string, value: YamlValue) => unknown;

/** Keys that say one field of a spec by themselves. */
const singleKeys: Readonly<Record<string, readonly [field: string, read: ReadKey]>> = {
  build: ['image', readBuild],
  command: ['command', (_context, _place, value) => orNull(value, commandLine.read)],
  entrypoint: ['entrypoint', (_context, _place, value) => orNull(value, commandLine.read)],
  environment: ['env', (context, place, value) => context.texts(place, value)],
  user: ['user', (_context, _place, value) => text.read(value)],
  working_dir: ['workingDirectory', (_context, _place, value) => text.read(value)],
  stop_signal: ['stopSignal', (_context, _place, value) => text.read(value)],
  stop_grace_period: ['stopGraceMs', (_context, _place, value) => duration.read(value)],
  depends_on: ['dependsOn', readDependencies],
  secrets: ['secrets', readSecrets],
  configs: ['configs', readConfigs],
};
/** Keys that are read together with others. */
const otherKeys = [
  'image',
  'ports',
  'expose',
  'volumes',
  'tmpfs',
  'healthcheck',
  'deploy',
  'restart',
  'labels',
  'scale',
  'mem_limit',
  'cpus',
  'pids_limit',
  'profiles',
];
/** Why a key is left out, where there is more to say than that. */
const whyNot: Readonly<Record<string, string>> = {
  network_mode: 'Gantry gives each stack one network',
  networks: 'Gantry gives each stack one network, on which services reach each other by name',
  links: 'Services reach each other by name without it',
  container_name: 'Gantry names containers itself, as there may be several',
  hostname: 'Replicas have names of their own',
  privileged: 'Gantry runs no privileged containers',
  logging: 'Gantry reads logs from the engine itself',
  pull_policy: 'Images are resolved once, with each revision',
  platform: 'The image decides; a wrong architecture is refused before anything is touched',
};
/** Keys without which the service would be another one: refused, not left out. */
const refused: Readonly<Record<string, string>> = {
  env_file: 'What stands in env_file is not in this file. Expected its lines under "environment:", or as secrets.',
  extends: 'What is extended is not read. Expected an anchor of this file, such as "<<: *base".',
};

/** The spec; undefined once its problems were reported. `keyAt` is where its name stands. */
export function readComposeService(
  context: ComposeContext,
  name: string,
  value: YamlValue,
  keyAt: YamlValue,
): ServiceSpec | undefined {
  if (value.kind !== 'map') return wrong(value, 'a mapping with image or build');
  const place = `services.${name}`;
  const draft: Draft = { name };
  const origins = new Map<PropertyKey, YamlValue>([['name', keyAt]]);
  const problemsBefore = value.source.problems.length;
  for (const { key, keyAt: at, value: given } of value.entries()) {
    const single = singleKeys[key];
    if (single !== undefined) {
      draft[single[0]] = single[1](context, `${place}.${key}`, given) ?? undefined;
      origins.set(single[0], given);
    } else if (refused[key] !== undefined) at.report(refused[key]);
    else if (!otherKeys.includes(key) && !key.startsWith('x-')) leaveOut(context, place, key, at);
  }
  const at = (key: string): YamlValue | null => value.get(key);
  const ports = readPorts(context, place, at('ports'), at('expose'));
  const deploy = at('deploy');
  const fields = deploy === null ? {} : readDeploy(context, place, deploy);
  const health = at('healthcheck');
  const image = at('image');
  if (draft['image'] === undefined && image !== null) {
    draft['image'] = { kind: 'image', reference: text.read(image) };
    origins.set('image', image);
  }
  if (draft['image'] === undefined && at('build') === null) {
    keyAt.report(`The service "${name}" has no image. Expected "image:" or "build:".`);
  }
  draft['ports'] = ports;
  draft['mounts'] = readMounts(context, place, at('volumes'), at('tmpfs'));
  draft['health'] = health === null ? null : readHealth(context, place, health, ports);
  draft['mode'] = modeOf(context, fields, at('scale'));
  draft['restart'] = { ...restartOf(at('restart')), ...fields.restart };
  draft['limits'] = { ...limitsOf(context, at), ...fields.limits };
  draft['labels'] = { ...labelsOf(context, `${place}.labels`, at('labels')), ...fields.labels };
  draft['update'] = fields.update;
  draft['rollback'] = fields.rollback;
  draft['constraints'] = fields.constraints;
  const placed = { mounts: 'volumes', health: 'healthcheck', update: 'deploy', rollback: 'deploy' };
  for (const [field, key] of Object.entries({ ...placed, ports: 'ports', restart: 'restart', labels: 'labels' })) {
    const origin = at(key);
    if (origin !== null) origins.set(field, origin);
  }
  value.source.origins.set(draft, origins);
  if (value.source.problems.length > problemsBefore) return undefined;
  return checkedSpec(draft, keyAt);
}

function leaveOut(context: ComposeContext, place: string, key: string, at: YamlValue): void {
  const known = [...Object.keys(singleKeys), ...otherKeys];
  const nearest = nearestWord(key, known);
  const why = whyNot[key] ?? 'Gantry has nothing like it';
  const hint = whyNot[key] !== undefined || nearest === null ? '' : `; did you mean ${nearest}?`;
  context.leaveOut(`${place}.${key}`, at, `${why}${hint}`);
}

function orNull(value: YamlValue, read: (value: YamlValue) => unknown): unknown {
  return value.kind === 'empty' ? null : read(value);
}

/** The context is relative to the repository's root, where the file is expected to be. */
function readBuild(context: ComposeContext, place: string, value: YamlValue): unknown {
  if (value.kind === 'scalar') return { kind: 'build', context: folder(value.text ?? '') };
  if (value.kind !== 'map') return wrong(value, 'a folder, or a mapping with context');
  const build: Record<string, unknown> = { kind: 'build' };
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key === 'context') build['context'] = folder(given.text ?? '');
    else if (key === 'dockerfile' || key === 'target') build[key] = text.read(given);
    else if (key === 'args') build['args'] = context.texts(`${place}.args`, given);
    else context.leaveOut(`${place}.${key}`, keyAt, 'Gantry builds from context, dockerfile, target and args');
  }
  return build;
}

function folder(context: string): string {
  const plain = context.replace(/^\.\/+/, '').replace(/\/+$/, '');
  return plain === '' ? '.' : plain;
}

function readDependencies(context: ComposeContext, place: string, value: YamlValue): unknown {
  if (value.kind === 'list') return context.list(value).map((item) => item.text);
  return value.entries().flatMap(({ key, keyAt, value: given }) => {
    const condition = given.get('condition')?.text ?? 'service_started';
    if (condition === 'service_completed_successfully') {
      context.leaveOut(`${place}.${key}`, keyAt, 'Gantry runs services that go on, no jobs that end');
      return [];
    }
    return [key];
  });
}

function readSecrets(context: ComposeContext, place: string, value: YamlValue): unknown {
  return value.items().flatMap((item): unknown[] => {
    if (item.kind !== 'map') return [{ secret: item.text }];
    const target = item.get('target')?.text ?? null;
    const file = target?.replace(/^\/run\/secrets\//, '') ?? null;
    if (file?.includes('/')) {
      context.leaveOut(`${place}.target`, item, 'Secrets are files in /run/secrets');
      return [{ secret: item.get('source')?.text }];
    }
    return [{ secret: item.get('source')?.text, file }];
  });
}

function readConfigs(_context: ComposeContext, _place: string, value: YamlValue): unknown {
  return value.items().map((item) => {
    const config = (item.kind === 'map' ? item.get('source') : item)?.text;
    return { config, target: item.get('target')?.text ?? `/${config}` };
  });
}

function modeOf(
  context: ComposeContext,
  { replicas, isGlobal }: ReturnType<typeof readDeploy>,
  scale: YamlValue | null,
) {
  if (isGlobal === true) return { kind: 'global' };
  const count = scale === null ? replicas : context.number(scale);
  return count === undefined ? undefined : { kind: 'replicated', replicas: count };
}

function restartOf(value: YamlValue | null): Record<string, unknown> {
  if (value === null) return {};
  const [, policy, attempts] = /^(no|false|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(value.text ?? '') ?? [];
  if (policy === undefined) {
    wrong(value, 'no, always, unless-stopped or on-failure');
    return {};
  }
  if (policy === 'no' || policy === 'false') return { condition: 'none' };
  if (policy !== 'on-failure') return { condition: 'any' };
  return { condition: 'on-failure', ...(attempts === undefined ? {} : { attemptsMax: Number(attempts) }) };
}

function limitsOf(context: ComposeContext, at: (key: string) => YamlValue | null): Record<string, unknown> {
  const limits: Record<string, unknown> = {};
  const memory = at('mem_limit');
  const cpus = at('cpus');
  const pids = at('pids_limit');
  if (memory !== null) limits['memoryBytes'] = size.read(memory);
  if (cpus !== null) limits['cpus'] = context.number(cpus);
  if (pids !== null) limits['pids'] = context.number(pids);
  return limits;
}

function labelsOf(context: ComposeContext, place: string, value: YamlValue | null): Record<string, string> {
  return value === null ? {} : context.texts(place, value);
}
