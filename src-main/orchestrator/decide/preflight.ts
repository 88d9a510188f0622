/** What can be told before anything that runs is touched: would this spec work here? */
import type { PreflightFinding } from '#shared/contract/service-views.ts';
import type { Service } from '#shared/model/service.ts';
import { localHost, type SecretName, type ServiceId, type ServiceName } from '#shared/model/service-ids.ts';
import type { Volume } from '#shared/model/service-resource.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { type Claims, claimFindings } from './claims.ts';
import type { HostFacts } from './facts.ts';
import { explain } from './scheduler/explain.ts';
import { diskFreeBytesMin, isShortOfDisk, type PlacementNeeds, rejection, takenPort } from './scheduler/filters.ts';
import { placementNeeds } from './scheduler/scheduler.ts';
import { isExclusive } from './update-order.ts';

/** What a preflight looks at. */
export interface PreflightFacts {
  readonly serviceId: ServiceId;
  readonly spec: ServiceSpec;
  /** Ports that the service was given before. */
  readonly publishedPorts: Service['publishedPorts'];
  /** Of its image; null while that is not known. */
  readonly architecture: string | null;
  readonly hosts: readonly HostFacts[];
  /** Where the services of its stack are that need each other. */
  readonly home: HostFacts['id'] | null;
  /** Those of its stack. */
  readonly volumes: readonly Volume[];
  /** Of all other services. */
  readonly claims: readonly Claims[];
  /** Names that have a value. */
  readonly secrets: ReadonlySet<SecretName>;
  readonly configs: ReadonlySet<SecretName>;
  /** The services of its stack, those of the same file too. */
  readonly services: ReadonlyMap<ServiceName, { readonly dependsOn: readonly ServiceName[]; readonly serves: boolean }>;
}

/** One finding a check, each with a sentence for the person. Checks that have nothing to look at are left out. */
export function preflight(facts: PreflightFacts): PreflightFinding[] {
  const { spec, hosts, secrets, configs } = facts;
  const service = { id: facts.serviceId, publishedPorts: facts.publishedPorts } as Service;
  const architectures = new Map(facts.architecture === null ? [] : [[0, facts.architecture]]);
  const { volumes, home } = facts;
  const needs = placementNeeds({ service, volumes, architectures, home }, { number: 0, spec });
  const claimed = claimFindings(spec, facts.claims);
  const isClaimed = (check: PreflightFinding['check']): boolean => claimed.some((each) => each.check === check);
  return [
    // Whose container has a port says less than whose it is.
    ...hostFindings(hosts, needs).filter(({ check }) => check !== 'ports' || !isClaimed('ports')),
    ...homeFindings(spec, hosts, needs),
    ...claimed,
    ...ownPortFindings(spec),
    ...missing(
      'secrets',
      'secret',
      spec.secrets.map(({ secret }) => secret),
      secrets,
    ),
    ...missing(
      'configs',
      'config',
      spec.configs.map(({ config }) => config),
      configs,
    ),
    ...volumeFindings(spec),
    ...dependencyFindings(facts),
  ];
}

/**
 * What stands against a replica on every host. Each check looks at the hosts that the ones before
 * it left: the first that leaves none has failed, and those after it are left out.
 */
export function hostFindings(hosts: readonly HostFacts[], needs: PlacementNeeds): PreflightFinding[] {
  const answering = hosts.filter(({ state }) => state === 'ready');
  if (answering.length === 0) {
    return [failed('engine', whyNoneAnswers(hosts))];
  }
  const findings = [passed('engine', `${hostCount(answering)} ${answering.length === 1 ? 'answers' : 'answer'}`)];
  const bare: PlacementNeeds = { ...needs, architecture: null, volumes: [], hostPorts: [] };
  const open = answering.filter((host) => rejection({ ...host, diskFreeBytes: null }, bare) === null);
  if (open.length === 0) {
    const isApart = answering.some(
      (host) => rejection({ ...host, diskFreeBytes: null }, { ...bare, home: null }) === null,
    );
    const advice = isApart
      ? ` Services reach each other on one host only: let it run on ${needs.home} too, or without ports and dependencies.`
      : '';
    const down = hosts.flatMap(({ name, problem }) => (problem === null ? [] : [` ${name}: ${problem}`]));
    return [...findings, failed('placement', `No host may run it: ${explain(hosts, bare)}.${advice}${down.join('')}`)];
  }
  findings.push(passed('placement', hostCount(open)));

  const fitting = open.filter(({ architecture }) => (needs.architecture ?? architecture) === architecture);
  if (fitting.length === 0) {
    const found = [...new Set(open.map(({ architecture }) => architecture))].join(' and ');
    return [
      ...findings,
      failed(
        'architecture',
        `The image is for ${needs.architecture}, the hosts are ${found}. Build or pull it for ${found}.`,
      ),
    ];
  }
  if (needs.architecture !== null) findings.push(passed('architecture', needs.architecture));

  const near = fitting.filter(({ id }) => needs.volumes.every(({ hostId }) => hostId === id));
  if (near.length === 0) {
    const places = needs.volumes.map(({ name, hostId }) => `${name} on ${hostName(hosts, hostId)}`).join(', ');
    return [...findings, failed('volumes', `Its volumes are where it may not run: ${places}.`)];
  }
  if (needs.volumes.length > 0) findings.push(passed('volumes', needs.volumes.map(({ name }) => name).join(', ')));

  const free = near.filter((host) => takenPort(host, needs) === null);
  if (free.length === 0) {
    const [host] = near;
    const taken = host === undefined ? null : takenPort(host, needs);
    return [
      ...findings,
      failed('ports', `Port ${taken?.port} of ${host?.name} is taken by ${taken?.by}. Free it or publish another one.`),
    ];
  }
  if (needs.hostPorts.length > 0) findings.push(passed('ports', needs.hostPorts.join(', ')));

  // What was not measured is not said to have passed.
  if (free.every(({ diskFreeBytes }) => diskFreeBytes === null)) return findings;
  const roomy = free.filter((host) => !isShortOfDisk(host));
  const mb = diskFreeBytesMin / 1_024 / 1_024;
  findings.push(
    roomy.length === 0
      ? failed(
          'disk',
          `Less than ${mb} MB are free on ${free.map(({ name }) => name).join(', ')}. Remove what is not needed there.`,
        )
      : passed('disk', `${hostCount(roomy)} with at least ${mb} MB free`),
  );
  return findings;
}

function whyNoneAnswers(hosts: readonly HostFacts[]): string {
  const [first] = hosts;
  if (first === undefined) return 'No container engine is set up.';
  if (hosts.length === 1) return first.problem ?? 'The container engine does not answer.';
  return `No container engine answers. ${hosts.map(({ name, problem }) => `${name}: ${problem ?? 'it does not answer.'}`).join(' ')}`;
}

/** What it means that a stack is on one host, where there are others. */
function homeFindings(
  { mode, ports }: ServiceSpec,
  hosts: readonly HostFacts[],
  { home }: PlacementNeeds,
): PreflightFinding[] {
  if (home === null || hosts.length < 2) return [];
  const findings: PreflightFinding[] = [];
  if (mode.kind === 'global') {
    findings.push(
      warned('placement', `It runs on ${hostName(hosts, home)} alone: only there does the rest of its stack reach it.`),
    );
  }
  if (home !== localHost && ports.some(({ publish }) => publish !== null)) {
    findings.push(warned('ports', `Its ports are published on ${hostName(hosts, home)}, not on this machine.`));
  }
  return findings;
}

/** A port of the host can be published once. */
function ownPortFindings({ ports }: ServiceSpec): PreflightFinding[] {
  const seen = new Map<number, number>();
  for (const { containerPort, publish } of ports) {
    const port = publish?.port ?? null;
    if (port === null) continue;
    const other = seen.get(port);
    if (other !== undefined) {
      return [failed('ports', `The host's port ${port} is published for both ${other} and ${containerPort}.`)];
    }
    seen.set(port, containerPort);
  }
  return [];
}

function missing(
  check: 'secrets' | 'configs',
  word: string,
  used: readonly SecretName[],
  there: ReadonlySet<SecretName>,
): PreflightFinding[] {
  if (used.length === 0) return [];
  const absent = used.filter((name) => !there.has(name));
  if (absent.length === 0) return [passed(check, used.join(', '))];
  const many =
    absent.length === 1 ? `The ${word} ${absent[0]} has no value` : `The ${word}s ${absent.join(', ')} have no value`;
  return [failed(check, `${many}. Set it first.`)];
}

/** What a volume that one replica writes to means for the way of updating. */
function volumeFindings(spec: ServiceSpec): PreflightFinding[] {
  if (!isExclusive(spec) || (spec.update.strategy === 'rolling' && spec.update.order === 'stop-first')) return [];
  const names = spec.mounts.flatMap((mount) => (mount.kind === 'volume' && !mount.readOnly ? [mount.volume] : []));
  return [
    {
      check: 'volumes',
      verdict: 'warned',
      detail: `Two replicas must not write to ${names.join(', ')} at once: the old one is stopped before the new one starts, and nothing answers in between.`,
    },
  ];
}

function dependencyFindings({ spec, services }: PreflightFacts): PreflightFinding[] {
  if (spec.dependsOn.length === 0) return [];
  const cycle = findCycle(spec, services);
  if (cycle !== null) return [failed('dependencies', `They wait for each other for ever: ${cycle.join(' → ')}.`)];
  const unknown = spec.dependsOn.filter((name) => !services.has(name));
  if (unknown.length > 0) {
    return [
      {
        check: 'dependencies',
        verdict: 'warned',
        detail: `There is no service ${unknown.join(', ')} yet: it will wait for it.`,
      },
    ];
  }
  const waiting = spec.dependsOn.filter((name) => services.get(name)?.serves !== true);
  if (waiting.length > 0) {
    return [
      {
        check: 'dependencies',
        verdict: 'warned',
        detail: `${waiting.join(', ')} does not serve yet: it will wait for it.`,
      },
    ];
  }
  return [passed('dependencies', `${spec.dependsOn.join(', ')} ${spec.dependsOn.length === 1 ? 'serves' : 'serve'}`)];
}

/** A way from the service back to itself, with the service at both ends; null without one. */
function findCycle(spec: ServiceSpec, services: PreflightFacts['services']): ServiceName[] | null {
  const seen = new Set<ServiceName>();
  const walk = (name: ServiceName, path: readonly ServiceName[]): ServiceName[] | null => {
    if (name === spec.name) return [...path, name];
    if (seen.has(name)) return null;
    seen.add(name);
    for (const next of services.get(name)?.dependsOn ?? []) {
      const found = walk(next, [...path, name]);
      if (found !== null) return found;
    }
    return null;
  };
  for (const next of spec.dependsOn) {
    const found = walk(next, [spec.name]);
    if (found !== null) return found;
  }
  return null;
}

function hostCount(hosts: readonly HostFacts[]): string {
  return hosts.length === 1 ? (hosts[0]?.name ?? '1 host') : `${hosts.length} hosts`;
}

function hostName(hosts: readonly HostFacts[], id: HostFacts['id']): string {
  return hosts.find((host) => host.id === id)?.name ?? id;
}

function passed(check: PreflightFinding['check'], detail: string): PreflightFinding {
  return { check, verdict: 'passed', detail };
}

function warned(check: PreflightFinding['check'], detail: string): PreflightFinding {
  return { check, verdict: 'warned', detail };
}

function failed(check: PreflightFinding['check'], detail: string): PreflightFinding {
  return { check, verdict: 'failed', detail };
}
