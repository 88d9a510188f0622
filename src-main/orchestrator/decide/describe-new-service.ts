/** What a service that is not there yet will consist of, said before it is made. */
import type { SpecChange } from '#shared/contract/service-views.ts';
import type { StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { diffSpecs, mountText, type PinnedSpec, probeText, routeText } from './spec-diff.ts';

/** What is there before, so that it is told from what comes into being. */
export interface StackFacts {
  readonly stack: StackName;
  /** No service of the stack is there, so its network is not either. */
  readonly isEmpty: boolean;
  readonly volumes: ReadonlySet<string>;
}

/** Everything that is made for it or given to it, the weightiest first. Values of the environment are not shown. */
export function describeNewService(pinned: PinnedSpec, facts: StackFacts): SpecChange[] {
  const { spec } = pinned;
  const lines: readonly (readonly [field: string, text: string])[] = [
    ...spec.ports.map((port) => ['ports', portText(port)] as const),
    ...spec.routes.map((route) => ['routes', `route ${routeText(route)}`] as const),
    ...(spec.health === null
      ? []
      : [['health', `health check ${probeText(spec.health)} every ${spec.health.intervalMs / 1_000} s`] as const]),
    ...spec.mounts.map((mount) => {
      const isNew = mount.kind === 'volume' && !facts.volumes.has(mount.volume);
      return ['mounts', `${isNew ? 'new ' : ''}${mountText(mount)}`] as const;
    }),
    ...spec.secrets.map(
      ({ secret, file }) => ['secrets', `secret ${secret} as /run/secrets/${file ?? secret}, in memory`] as const,
    ),
    ...spec.configs.map(({ config, target }) => ['configs', `config ${config} as ${target}`] as const),
    ...(facts.isEmpty ? [['network', `new network of the stack ${facts.stack}`] as const] : []),
    ...(spec.ports.length === 0 ? [] : [['edge', 'an edge that checks, balances and drains its replicas'] as const]),
    ...environmentLines(spec),
    ...limitLines(spec),
    ...(spec.dependsOn.length === 0 ? [] : [['dependsOn', `starts after ${spec.dependsOn.join(', ')}`] as const]),
  ];
  return [...diffSpecs(null, pinned), ...lines.map(([field, text]) => ({ field, kind: 'added' as const, text }))];
}

function portText({ containerPort, protocol, publish }: ServiceSpec['ports'][number]): string {
  const what = `port ${containerPort} (${protocol})`;
  if (publish === null) return `${what} for services of the stack`;
  return `${what} at ${publish.address}:${publish.port ?? 'a free port'}`;
}

function environmentLines({ env }: ServiceSpec): readonly (readonly [string, string])[] {
  const count = Object.keys(env).length;
  return count === 0 ? [] : [['env', `${count} ${count === 1 ? 'variable' : 'variables'}`]];
}

function limitLines({ limits: { cpus, memoryBytes, pids } }: ServiceSpec): readonly (readonly [string, string])[] {
  const parts = [
    ...(cpus === null ? [] : [`${cpus} cpus`]),
    ...(memoryBytes === null ? [] : [`${Number((memoryBytes / 1_024 ** 2).toFixed(1))} MB`]),
    ...(pids === null ? [] : [`${pids} processes`]),
  ];
  return parts.length === 0 ? [] : [['limits', `at most ${parts.join(', ')} a replica`]];
}
