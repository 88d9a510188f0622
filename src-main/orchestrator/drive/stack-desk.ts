/** Several resources from one file: planned together, refused together, then deployed in the order of their dependencies. */
import { createHash } from 'node:crypto';
import type { OutputOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { DeployPlan, PreflightFinding, SpecChange } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { Revision, Service } from '#shared/model/service.ts';
import { type ServiceName, serviceIdOf, type StackName } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';
import { claimFindings, claimsOf } from '../decide/claims.ts';
import { canonicalJson } from '../decide/container-template.ts';
import { writeCompose } from '../files/compose/write-compose.ts';
import { findCycle, inDependencyOrder } from '../files/dependency-order.ts';
import { readResources } from '../files/read-resources.ts';
import type { Resources } from '../files/resources.ts';
import { writeGantry } from '../files/write-gantry.ts';
import type { Deployed, StackRequests } from '../orchestrator.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import type { ServiceDesk } from './service-desk.ts';

type StackFile = ParsedInputOf<'stack.plan'>;
type Entry = DeployPlan['entries'][number];

export class StackDesk implements StackRequests {
  readonly #core: OrchestratorCore;
  readonly #services: ServiceDesk;

  constructor(core: OrchestratorCore, services: ServiceDesk) {
    this.#core = core;
    this.#services = services;
  }

  /** What applying the file would make and change, and what stands against it. Changes nothing. */
  async plan(file: StackFile): Promise<DeployPlan> {
    return this.#plan(file, await this.#read(file));
  }

  /**
   * Puts configs and volumes, then deploys the services, dependencies first. Refused before
   * anything is touched when an entry is blocked, or anything has changed since the plan. Applying
   * the same file again changes nothing.
   */
  async apply({ fingerprint, ...file }: ParsedInputOf<'stack.apply'>): Promise<OutputOf<'stack.apply'>> {
    const resources = await this.#read(file);
    const plan = await this.#plan(file, resources);
    if (fingerprint !== null && fingerprint !== plan.fingerprint) {
      throw new GantryError(
        'outdated-plan',
        `Something has changed since the plan for ${file.fileName} was made. Nothing was touched; look at the plan again.`,
      );
    }
    refuseBlocked(file.fileName, plan);
    await this.#putResources(file, resources, plan);
    const deployed: Deployed[] = [];
    for (const spec of inDependencyOrder(resources.services)) {
      const entry = plan.entries.find(({ kind, name }) => kind === 'service' && name === spec.name);
      deployed.push(await this.#deploy(file, spec, entry, deployed));
    }
    return { plan, deployed };
  }

  /** The stack as a file that `apply` takes, with what the format cannot say. */
  async export(
    projectId: ProjectId,
    stack: StackName,
    format: 'gantry' | 'compose',
  ): Promise<OutputOf<'service.export'>> {
    const { read } = this.#core.world.store;
    const services = read
      .services(projectId)
      .filter((service) => service.stack === stack && service.state === 'active')
      .flatMap((service) => this.#wanted(service)?.spec ?? []);
    const configNames = new Set(services.flatMap((spec) => spec.configs.map(({ config }) => config)));
    const secretNames = new Set(
      services.flatMap((spec) => [
        ...spec.secrets.map(({ secret }) => secret),
        ...spec.routes.flatMap(({ certificate }) => certificate ?? []),
      ]),
    );
    const resources = {
      services,
      secrets: [...secretNames].sort().map((name) => ({ name })),
      configs: [...configNames].sort().map((name) => ({
        name,
        text: read.config(projectId, name)?.versions.at(-1)?.text ?? '',
      })),
      volumes: read.volumes(projectId).filter((volume) => volume.stack === stack),
    };
    return format === 'compose' ? writeCompose(resources) : { text: writeGantry(resources), notes: [] };
  }

  async read(file: ParsedInputOf<'stack.read'>): Promise<OutputOf<'stack.read'>> {
    const { services } = await readResources(file);
    return { services };
  }

  write(services: readonly ServiceSpec[]): string {
    return writeGantry({ services: [...services], secrets: [], configs: [], volumes: [] });
  }

  #read({ format, fileName, text, env }: StackFile): Promise<Resources> {
    return readResources({ format, fileName, text, env });
  }

  async #plan(file: StackFile, resources: Resources): Promise<DeployPlan> {
    const entries = [
      ...resources.secrets.map(({ name }) => this.#secretEntry(file, name)),
      ...resources.configs.map((config) => this.#configEntry(file, config)),
      ...resources.volumes.map((volume) => this.#volumeEntry(file, volume)),
    ];
    for (const spec of inDependencyOrder(resources.services)) {
      entries.push(await this.#serviceEntry(file, spec, resources));
    }
    const warned = entries.flatMap(({ name, findings }) =>
      findings.filter(({ verdict }) => verdict === 'warned').map(({ detail }) => `${name}: ${detail}`),
    );
    return {
      entries,
      unsupported: [...resources.unsupported],
      warnings: [...resources.warnings, ...warned],
      fingerprint: this.#fingerprint(file, resources),
    };
  }

  #secretEntry({ projectId }: StackFile, name: Resources['secrets'][number]['name']): Entry {
    const isSet = this.#core.world.store.read.secret(projectId, name) !== null;
    const finding: PreflightFinding = isSet
      ? { check: 'secrets', verdict: 'passed', detail: name }
      : {
          check: 'secrets',
          verdict: 'failed',
          detail: `The secret ${name} has no value. Set it first: gantry secret set ${name}.`,
        };
    return entry('secret', name, isSet ? 'unchanged' : 'blocked', [], [finding]);
  }

  #configEntry({ projectId }: StackFile, { name, text }: Resources['configs'][number]): Entry {
    const before = this.#core.world.store.read.config(projectId, name)?.versions.at(-1) ?? null;
    if (before === null) return entry('config', name, 'create', [change('added', `config of ${sizeText(text)}`)]);
    if (before.text === text) return entry('config', name, 'unchanged');
    return entry('config', name, 'change', [change('changed', `version ${before.version} → ${before.version + 1}`)]);
  }

  #volumeEntry({ projectId, stack }: StackFile, volume: Resources['volumes'][number]): Entry {
    const before = this.#core.world.store.read.volume(projectId, stack, volume.name);
    if (before === null) return entry('volume', volume.name, 'create', [change('added', `volume of ${volume.driver}`)]);
    const isSame = before.driver === volume.driver && canonicalJson(before.options) === canonicalJson(volume.options);
    if (isSame) return entry('volume', volume.name, 'unchanged');
    const detail = `The volume ${volume.name} is there with another driver or other options, and its data with it. Give the new one another name.`;
    return entry('volume', volume.name, 'blocked', [], [{ check: 'volumes', verdict: 'failed', detail }]);
  }

  async #serviceEntry(file: StackFile, spec: ServiceSpec, resources: Resources): Promise<Entry> {
    const { projectId, stack } = file;
    const [planned] = (await this.#services.plan(projectId, stack, spec)).entries;
    const service = this.#core.world.store.read.service(serviceIdOf(projectId, stack, spec.name));
    const findings = [
      ...(planned?.findings ?? []).filter(({ check }) => check !== 'configs' && check !== 'dependencies'),
      ...this.#configFindings(file, spec, resources),
      ...this.#dependencyFindings(file, spec, resources),
      ...fileFindings(spec, resources.services),
    ];
    const changes = [
      ...(planned?.changes ?? []),
      ...(service === null
        ? []
        : await this.#changesAround(file, spec, service, resources, planned?.changes.length === 0)),
    ];
    const isBlocked = findings.some(({ verdict }) => verdict === 'failed');
    const action = service === null ? 'create' : changes.length > 0 ? 'change' : 'unchanged';
    return {
      ...entry('service', spec.name, isBlocked ? 'blocked' : action, changes, findings),
      strategy: planned?.strategy ?? null,
    };
  }

  /** What makes a new revision although the spec is the same. */
  async #changesAround(
    { projectId }: StackFile,
    spec: ServiceSpec,
    service: Service,
    resources: Resources,
    isSameSpec: boolean,
  ): Promise<SpecChange[]> {
    const { store, code } = this.#core.world;
    const changes: SpecChange[] = [];
    for (const { config } of spec.configs) {
      const put = resources.configs.find(({ name }) => name === config);
      const before = store.read.config(projectId, config)?.versions.at(-1)?.text;
      if (put !== undefined && before !== undefined && before !== put.text) {
        changes.push({ field: 'configs', kind: 'changed', text: `config ${config} changed` });
      }
    }
    const newest = store.read.revision(service.id, service.revisions);
    const wanted = this.#wanted(service);
    if (newest !== null && wanted?.number !== newest.number && isSameSpec) {
      changes.push(change('changed', `revision ${newest.number} does not serve; it is tried again`));
    }
    const commit = spec.image.kind === 'build' ? ((await code.target(projectId))?.commit ?? null) : null;
    if (newest !== null && newest.commit !== commit) {
      changes.push({
        field: 'image',
        kind: 'changed',
        text: commit === null ? 'no longer built from a commit' : `built from ${commit.slice(0, 7)}`,
      });
    }
    return changes;
  }

  #configFindings({ projectId }: StackFile, { configs }: ServiceSpec, resources: Resources): PreflightFinding[] {
    if (configs.length === 0) return [];
    const { read } = this.#core.world.store;
    const missing = configs.filter(
      ({ config }) => read.config(projectId, config) === null && resources.configs.every(({ name }) => name !== config),
    );
    const names = (missing.length === 0 ? configs : missing).map(({ config }) => config).join(', ');
    if (missing.length === 0) return [{ check: 'configs', verdict: 'passed', detail: names }];
    const detail = `${names}: no such config. Set it first, or put it into the file as "kind: Config".`;
    return [{ check: 'configs', verdict: 'failed', detail }];
  }

  /** As the stack will be with the file: what the file says of a service stands for what is stored. */
  #dependencyFindings({ projectId, stack }: StackFile, spec: ServiceSpec, resources: Resources): PreflightFinding[] {
    if (spec.dependsOn.length === 0) return [];
    const together = new Map<ServiceName, readonly ServiceName[]>();
    for (const service of this.#core.world.store.read.services(projectId)) {
      if (service.stack !== stack || service.state !== 'active') continue;
      together.set(service.name, this.#wanted(service)?.spec.dependsOn ?? []);
    }
    for (const { name, dependsOn } of resources.services) together.set(name, dependsOn);
    const cycle = findCycle([spec, ...[...together].map(([name, dependsOn]) => ({ name, dependsOn }))]);
    if (cycle !== null) {
      const detail = `They wait for each other for ever: ${cycle.join(' → ')}.`;
      return [{ check: 'dependencies', verdict: 'failed', detail }];
    }
    const unknown = spec.dependsOn.filter((name) => !together.has(name));
    if (unknown.length > 0) {
      const detail = `There is no service ${unknown.join(', ')} yet: it will wait for it.`;
      return [{ check: 'dependencies', verdict: 'warned', detail }];
    }
    return [{ check: 'dependencies', verdict: 'passed', detail: spec.dependsOn.join(', ') }];
  }

  async #putResources({ projectId, stack }: StackFile, resources: Resources, plan: DeployPlan): Promise<void> {
    const { world } = this.#core;
    const isNews = (kind: Entry['kind'], name: string): boolean =>
      plan.entries.some((each) => each.kind === kind && each.name === name && each.action !== 'unchanged');
    for (const { name, text } of resources.configs) {
      if (isNews('config', name)) await proposeOrThrow(world, { kind: 'config.put', projectId, name, text });
    }
    for (const { name, driver, options } of resources.volumes) {
      if (!isNews('volume', name)) continue;
      await proposeOrThrow(world, { kind: 'volume.put', projectId, stack, name, driver, options: { ...options } });
    }
  }

  /** A refusal says what of the file had been deployed by then. */
  async #deploy(
    { projectId, stack, format, fileName }: StackFile,
    spec: ServiceSpec,
    planned: Entry | undefined,
    done: readonly Deployed[],
  ): Promise<Deployed> {
    const serviceId = serviceIdOf(projectId, stack, spec.name);
    const service = this.#core.world.store.read.service(serviceId);
    if (planned?.action === 'unchanged' && service !== null) {
      return { serviceId, revision: service.revisions, unchanged: true };
    }
    try {
      return await this.#services.deploy({
        projectId,
        stack,
        spec,
        origin: { kind: format === 'compose' ? 'compose' : 'file', fileName },
        expectedRevisions: null,
      });
    } catch (error) {
      const changed = done.filter(({ unchanged }) => !unchanged).map((each) => each.serviceId.split('/').at(-1));
      if (!(error instanceof GantryError) || changed.length === 0) throw error;
      throw new GantryError(
        error.code,
        `${error.message} Deployed before it: ${changed.join(', ')}. Apply the file again when the reason is gone; what is done stays as it is.`,
        { data: error.data, cause: error },
      );
    }
  }

  /** What is being rolled out, else what serves. */
  #wanted(service: Service): Revision | null {
    const { read } = this.#core.world.store;
    const rollout = service.rolloutId === null ? null : read.rollout(service.rolloutId);
    const number = rollout?.toRevision ?? service.servingRevision;
    return number === null ? null : read.revision(service.id, number);
  }

  /** Of the file and of all that the plan looked at, but for what changes by itself. */
  #fingerprint({ projectId, stack }: StackFile, { services, secrets, configs, volumes }: Resources): string {
    const { read } = this.#core.world.store;
    const secretNames = [
      ...secrets.map(({ name }) => name),
      ...services.flatMap((spec) => spec.secrets.map(({ secret }) => secret)),
    ];
    const configNames = [
      ...configs.map(({ name }) => name),
      ...services.flatMap((spec) => spec.configs.map(({ config }) => config)),
    ];
    const state = {
      services: services.map(({ name }) => {
        const service = read.service(serviceIdOf(projectId, stack, name));
        return service === null ? null : [service.revisions, this.#wanted(service)?.number ?? 0, service.state];
      }),
      secrets: secretNames.map((name) => read.secret(projectId, name)?.versions.at(-1)?.version ?? 0),
      configs: configNames.map((name) => read.config(projectId, name)?.versions.at(-1)?.version ?? 0),
      volumes: volumes.map(({ name }) => read.volume(projectId, stack, name) !== null),
    };
    const file = { services, secrets, configs, volumes };
    return createHash('sha256').update(canonicalJson({ file, state })).digest('hex').slice(0, 24);
  }
}

function refuseBlocked(fileName: string, { entries }: DeployPlan): void {
  const failed = entries.flatMap(({ name, findings }) =>
    findings.filter(({ verdict }) => verdict === 'failed').map((finding) => ({ name, ...finding })),
  );
  if (failed.length === 0) return;
  const reasons = failed.map(({ name, detail }) => `${name}: ${detail}`).join(' ');
  throw new GantryError('preflight-failed', `${fileName} was not applied; nothing was touched. ${reasons}`, {
    data: failed,
  });
}

/** What two services of the file claim both. */
function fileFindings(spec: ServiceSpec, services: readonly ServiceSpec[]): PreflightFinding[] {
  const others = services.filter(({ name }) => name !== spec.name);
  return claimFindings(
    spec,
    others.map((other) => claimsOf(other, `${other.name} of this file`)),
  );
}

function entry(
  kind: Entry['kind'],
  name: string,
  action: Entry['action'],
  changes: SpecChange[] = [],
  findings: PreflightFinding[] = [],
): Entry {
  return { kind, name, action, changes, strategy: null, findings };
}

function change(kind: SpecChange['kind'], text: string): SpecChange {
  return { field: '', kind, text };
}

function sizeText(text: string): string {
  const lines = text.split('\n').length;
  return lines === 1 ? '1 line' : `${lines} lines`;
}
