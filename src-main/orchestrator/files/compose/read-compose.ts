/** Compose files: the common subset. What Gantry does not do is named by its place, never dropped in silence. */
import { secretNameSchema, volumeNameSchema } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { findCycle } from '../dependency-order.ts';
import type { ConfigResource, Resources, VolumeResource } from '../resources.ts';
import { wrong } from '../word.ts';
import { type YamlValue, YamlSource } from '../yaml-source.ts';
import { ComposeContext } from './compose-context.ts';
import { readComposeService } from './compose-service.ts';
import { interpolate } from './interpolate.ts';

const rootKeys = ['services', 'volumes', 'secrets', 'configs', 'networks', 'name', 'version', 'include'];

/** Reads a file; throws `invalid-spec` with every problem and its place. */
export function readCompose(fileName: string, text: string, env: Readonly<Record<string, string>>): Resources {
  const context = new ComposeContext(env);
  const source = new YamlSource(fileName, text, (part, report) => {
    const put = interpolate(part, env);
    for (const name of put.unset) context.warn(`${name} is not set; it is taken as empty.`);
    if (put.problem !== null) report(put.problem);
    return put.text;
  });
  const [root] = source.documents();
  const resources = root === undefined ? null : readRoot(context, root);
  source.refuseProblems();
  return resources ?? { ...nothing, warnings: [`${fileName} names nothing.`] };
}

const nothing: Resources = { services: [], secrets: [], configs: [], volumes: [], unsupported: [], warnings: [] };

function readRoot(context: ComposeContext, root: YamlValue): Resources {
  if (root.kind !== 'map') {
    wrong(root, 'a mapping with "services:"');
    return nothing;
  }
  for (const { key, keyAt } of root.entries()) {
    if (key === 'include') keyAt.report('What is included is not read. Expected all services in this file.');
    else if (!rootKeys.includes(key) && !key.startsWith('x-'))
      context.leaveOut(key, keyAt, 'Gantry has nothing like it');
  }
  const networks = root.get('networks')?.entries() ?? [];
  for (const { key, keyAt } of networks) {
    if (key !== 'default')
      context.leaveOut(
        `networks.${key}`,
        keyAt,
        'Gantry gives each stack one network, on which services reach each other by name',
      );
  }
  const services = readServices(context, root);
  const secrets = readSecrets(context, root.get('secrets'));
  const configs = readConfigs(context, root.get('configs'));
  const volumes = readVolumes(context, root.get('volumes'), services);
  return { services, secrets, configs, volumes, unsupported: context.unsupported, warnings: context.warnings };
}

function readServices(context: ComposeContext, root: YamlValue): ServiceSpec[] {
  const all = root.get('services');
  if (all === null || all.kind !== 'map') {
    wrong(all ?? root, 'a mapping with the services by name under "services:"');
    return [];
  }
  const chosen = (context.variable('COMPOSE_PROFILES') ?? '').split(',');
  const services: ServiceSpec[] = [];
  const places = new Map<string, YamlValue>();
  for (const { key, keyAt, value } of all.entries()) {
    const profiles = value.get('profiles')?.items() ?? [];
    if (profiles.length > 0 && !profiles.some(({ text }) => chosen.includes(text ?? '') || chosen.includes('*'))) {
      context.warn(`${key} belongs to a profile that is not chosen and is left out.`);
      continue;
    }
    const spec = readComposeService(context, key, value, keyAt);
    if (spec === undefined) continue;
    services.push(spec);
    places.set(spec.name, value.get('depends_on') ?? keyAt);
  }
  const cycle = findCycle(services);
  if (cycle !== null) {
    places
      .get(cycle[0] ?? '')
      ?.report(`These services wait for each other: ${cycle.join(' → ')}. Expected dependencies without a circle.`);
  }
  return services;
}

/** Values are never read from here: what has to be set first is named. */
function readSecrets(context: ComposeContext, value: YamlValue | null): Resources['secrets'] {
  return (value?.entries() ?? []).flatMap(({ key, keyAt, value: given }) => {
    const name = secretNameSchema.safeParse(key);
    if (!name.success) {
      keyAt.report(`"${key}" is no name of a secret. Expected ${name.error.issues[0]?.message}.`);
      return [];
    }
    const file = given.get('file')?.text;
    const how = file === undefined || file === null ? '' : ` --from-file ${file}`;
    context.warn(`The secret ${key} has to be set once: gantry secret set ${key}${how}`);
    return [{ name: name.data }];
  });
}

function readConfigs(context: ComposeContext, value: YamlValue | null): ConfigResource[] {
  return (value?.entries() ?? []).flatMap(({ key, keyAt, value: given }) => {
    const name = secretNameSchema.safeParse(key);
    if (!name.success) {
      keyAt.report(`"${key}" is no name of a config. Expected ${name.error.issues[0]?.message}.`);
      return [];
    }
    const variable = given.get('environment')?.text ?? null;
    const text = given.get('content')?.text ?? (variable === null ? null : context.variable(variable));
    if (text !== null) return [{ name: name.data, text }];
    const file = given.get('file')?.text ?? 'FILE';
    context.warn(
      `The config ${key} is not in this file and has to be set first: gantry config set ${key} --from-file ${file}`,
    );
    return [];
  });
}

/** Those that are declared, and those that services mount. */
function readVolumes(
  context: ComposeContext,
  value: YamlValue | null,
  services: readonly ServiceSpec[],
): VolumeResource[] {
  const volumes: VolumeResource[] = [];
  for (const { key, keyAt, value: given } of value?.entries() ?? []) {
    const name = volumeNameSchema.safeParse(key);
    if (!name.success) {
      keyAt.report(`"${key}" is no name of a volume. Expected ${name.error.issues[0]?.message}.`);
      continue;
    }
    for (const entry of given.entries()) {
      if (['driver', 'driver_opts'].includes(entry.key) || entry.key.startsWith('x-')) continue;
      const why = 'Gantry makes its own volumes and touches no others';
      context.leaveOut(`volumes.${key}.${entry.key}`, entry.keyAt, why);
    }
    const options = given.get('driver_opts');
    volumes.push({
      name: name.data,
      driver: given.get('driver')?.text ?? 'local',
      options: options === null ? {} : context.texts(`volumes.${key}.driver_opts`, options),
    });
  }
  for (const { mounts } of services) {
    for (const mount of mounts) {
      if (mount.kind !== 'volume' || volumes.some(({ name }) => name === mount.volume)) continue;
      volumes.push({ name: mount.volume, driver: 'local', options: {} });
    }
  }
  return volumes;
}
