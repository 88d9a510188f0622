/** How one run of the app reaches a simulated engine: with delays, refusals and lost events. */
import { Emitter } from '#shared/base/emitter.ts';
import { fail, ok } from '#shared/base/result.ts';
import type { ImageDigest } from '#shared/model/service-ids.ts';
import type {
  ContainerEngine,
  ContainerFacts,
  ContainerSpec,
  EngineEvent,
  EngineRefusal,
  EngineResult,
  EngineState,
  ImageFacts,
  LabelFilter,
  NetworkFacts,
  VolumeFacts,
} from '../../ports/engine.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { AppLife } from './app-life.ts';
import { type ConnectionFaults, unreliably } from './connection-faults.ts';
import type { SimulatedContainer, SimulatedEngine, SimulatedImage } from './simulated-engine.ts';
import { filesOf, type SimulatedVolume } from './simulated-volumes.ts';

/** Looks on at what the app does to containers. */
export interface EngineWitness {
  onCreate(engine: SimulatedEngine, spec: ContainerSpec): void;
  onStart(container: SimulatedContainer): void;
  onStop(engine: SimulatedEngine, container: SimulatedContainer): void;
  onRemove(engine: SimulatedEngine, container: SimulatedContainer): void;
  /** The app asked for what the simulation does not have: it is the simulation that has to be mended. */
  onNotSimulated(what: string): void;
}

const lookMs = 2;
const orderMs = 8;
const pullMs = 400;

/** Images that people deploy, by reference: what a registry would have. */
export type Registry = ReadonlyMap<string, SimulatedImage>;

/** A connection. What the orchestrator does not use is not simulated and says so. */
export function connectEngine(options: {
  readonly engine: SimulatedEngine;
  readonly life: AppLife;
  readonly random: SeededRandom;
  readonly faults: ConnectionFaults;
  readonly registry: Registry;
  readonly witness: EngineWitness;
}): ContainerEngine {
  const { engine, life, random, faults, registry, witness } = options;
  const states = new Emitter<EngineState>();
  const events = new Emitter<EngineEvent>();
  let downSinceMs = engine.nowMs;
  const unsubscribe = listen();

  const look = <T>(answer: () => EngineResult<T>): Promise<EngineResult<T>> =>
    life.ask(lookMs, () => (engine.isUp ? answer() : unreachable()));
  const order = <T>(
    step: string,
    change: (answer: (value: EngineResult<T>) => void) => void,
  ): Promise<EngineResult<T>> =>
    life.order<EngineResult<T>>(`${step} on ${engine.hostId}`, orderMs, (answer) => {
      if (!engine.isUp) answer(unreachable());
      else unreliably({ faults, random, later: (delayMs, run) => engine.after(delayMs, run) }, change, answer);
    });
  const withContainer = <T>(
    step: string,
    id: string,
    change: (container: SimulatedContainer, answer: (value: EngineResult<T>) => void) => void,
    gone: EngineResult<T> = fail(refusal('no-such-container', `There is no container ${id}.`)),
  ): Promise<EngineResult<T>> =>
    order(`${step} ${id.slice(0, 12)}`, (answer) => {
      const container = engine.containers.get(id);
      if (container === undefined) answer(gone);
      else change(container, answer);
    });
  const notSimulated = (what: string) => (): never => {
    witness.onNotSimulated(what);
    throw new Error(`${what} is not simulated`);
  };

  return {
    get state() {
      return stateOf();
    },
    onDidChangeState: states.event,
    onDidHappen: events.event,
    listContainers: (labels) =>
      look(() => ok([...engine.containers.values()].map((each) => engine.factsOf(each)).filter(carries(labels)))),
    inspectContainer: (id) =>
      look(() => {
        const container = engine.containers.get(id);
        return container === undefined
          ? fail(refusal('no-such-container', `There is no container ${id}.`))
          : ok(engine.factsOf(container));
      }),
    createContainer: (spec: ContainerSpec) =>
      order('create', (answer) => {
        const image = engine.images.get(spec.image as ImageDigest);
        if (image === undefined) answer(fail(refusal('no-such-image', `There is no image ${spec.image}.`)));
        else if (image.fate === 'unmakeable') answer(fail(refusal('disk-full', 'The disk is full.')));
        else if ([...engine.containers.values()].some((each) => each.spec.name === spec.name)) {
          answer(fail(refusal('name-taken', `There is a container ${spec.name}.`)));
        } else {
          witness.onCreate(engine, spec);
          answer(ok({ id: engine.create(spec).id }));
        }
      }),
    startContainer: (id) =>
      withContainer('start', id, (container, answer) => {
        witness.onStart(container);
        engine.start(container);
        answer(ok(null));
      }),
    stopContainer: (id) =>
      withContainer('stop', id, (container, answer) => {
        witness.onStop(engine, container);
        engine.stop(container, () => answer(ok(null)));
      }),
    removeContainer: (id) =>
      withContainer(
        'remove',
        id,
        (container, answer) => {
          witness.onRemove(engine, container);
          engine.remove(container);
          answer(ok(null));
        },
        ok(null),
      ),
    setRestart: (id, restart) =>
      withContainer('restart policy', id, (container, answer) => {
        if (!container.isStopping) container.restart = restart;
        answer(ok(null));
      }),
    logs: () => look(() => ok(noLines())),
    listImages: () => look(() => ok([...engine.images.values()].map(imageFacts))),
    findImage: (reference) =>
      look(() => {
        const found = [...engine.images.values()].find(
          (each) => each.digest === reference || each.reference === reference,
        );
        return found === undefined
          ? fail(refusal('no-such-image', `There is no image ${reference} here.`))
          : ok(imageFacts(found));
      }),
    pullImage: (reference) =>
      life.order<EngineResult<ImageFacts>>(`pull ${reference}`, pullMs, (answer) => {
        const image = registry.get(reference);
        if (!engine.isUp) answer(unreachable());
        else if (image === undefined || image.fate === 'missing') {
          answer(fail(refusal('no-such-image', `There is no image ${reference}.`)));
        } else {
          engine.images.set(image.digest, image);
          answer(ok(imageFacts(image)));
        }
      }),
    tagImage: () => look(() => ok(null)),
    putArchive: (id, path, tar) =>
      withContainer('archive for', id, (container, answer) => {
        const found = engine.volumes.find(container.spec, path);
        if (found === null || !(tar instanceof Uint8Array)) notSimulated('an archive outside of volumes')();
        else if (container.state === 'running') {
          for (const [name, text] of filesOf(tar)) found.volume.files.set(name, text);
        }
        answer(ok(null));
      }),
    run: (id, [program, flag, path = '']) =>
      look(() => {
        const container = engine.containers.get(id);
        if (program !== 'test' || flag !== '-f') notSimulated(`${program} in a container`)();
        if (container === undefined) return fail(refusal('no-such-container', `There is no container ${id}.`));
        if (container.state !== 'running') return fail(refusal('refused', 'The container does not run.'));
        const found = engine.volumes.find(container.spec, path);
        return ok({ exitCode: found?.volume.files.has(found.rest) === true ? 0 : 1, output: '' });
      }),
    ensureNetwork: (name, labels) => {
      const known = engine.networks.get(name);
      if (known !== undefined) return look(() => ok(networkFacts(name, known)));
      return order(`network ${name}`, (answer) => {
        engine.networks.set(name, labels);
        answer(ok(networkFacts(name, labels)));
      });
    },
    listNetworks: (labels) =>
      look(() => ok([...engine.networks].map(([name, own]) => networkFacts(name, own)).filter(carries(labels)))),
    removeNetwork: (name) =>
      order(`removal of the network ${name}`, (answer) => {
        const isJoined = [...engine.containers.values()].some(({ spec }) =>
          spec.networks.some(({ network }) => network === name),
        );
        if (!isJoined) engine.networks.delete(name);
        answer(isJoined ? fail(refusal('in-use', `The network ${name} is in use.`)) : ok(null));
      }),
    ensureVolume: ({ name, options: kind, labels }) => {
      const known = engine.volumes.byName.get(name);
      if (known !== undefined) return look(() => ok(volumeFacts(known)));
      return order(`volume ${name}`, (answer) => answer(ok(volumeFacts(engine.volumes.ensure(name, kind, labels)))));
    },
    listVolumes: (labels) =>
      look(() => ok([...engine.volumes.byName.values()].map(volumeFacts).filter(carries(labels)))),
    removeVolume: (name) =>
      order(`removal of the volume ${name}`, (answer) =>
        answer(engine.volumes.remove(name) ? ok(null) : fail(refusal('in-use', `The volume ${name} is in use.`))),
      ),
    publishedPorts: () => look(() => ok([])),
    killContainer: notSimulated('killContainer'),
    restartContainer: notSimulated('restartContainer'),
    renameContainer: notSimulated('renameContainer'),
    getArchive: notSimulated('getArchive'),
    exec: notSimulated('exec'),
    stats: notSimulated('stats'),
    buildImage: notSimulated('buildImage'),
    importImage: notSimulated('importImage'),
    removeImage: notSimulated('removeImage'),
    diskUse: notSimulated('diskUse'),
    dispose: unsubscribe,
  };

  function listen(): () => void {
    const listener = {
      onContainer({ id, spec }: SimulatedContainer, action: string): void {
        if (random.chance(faults.eventLoss)) return;
        const event: EngineEvent = { kind: 'container', action, id, labels: spec.labels, atMs: engine.nowMs };
        void life.ask(lookMs, () => null).then(() => events.fire(event));
      },
      onUpOrDown(): void {
        if (!engine.isUp) downSinceMs = engine.nowMs;
        life.tell(() => {
          states.fire(stateOf());
          if (engine.isUp) events.fire({ kind: 'resync' });
        });
      },
    };
    engine.listeners.add(listener);
    return () => {
      engine.listeners.delete(listener);
    };
  }

  function stateOf(): EngineState {
    if (!engine.isUp) return { state: 'unreachable', detail: '', advice: '', sinceMs: downSinceMs };
    return {
      state: 'ready',
      name: 'Simulated',
      version: '1',
      apiVersion: '1.41',
      os: 'linux',
      architecture: 'amd64',
      cpus: 4,
      memoryBytes: 8 * 1_024 ** 3,
      rootFolder: '/',
      // Nothing of it is on the machine that runs the simulation.
      isLocal: false,
      startedId: engine.startedId,
      startedAtMs: null,
    };
  }
}

function refusal(reason: EngineRefusal['reason'], message: string): EngineRefusal {
  return { reason, message, detail: '' };
}

function unreachable(): EngineResult<never> {
  return fail(refusal('unreachable', 'The engine does not answer.'));
}

function carries(labels: LabelFilter): (facts: { readonly labels: ContainerFacts['labels'] }) => boolean {
  return (facts) =>
    Object.entries(labels).every(([key, value]) =>
      value === null ? key in facts.labels : facts.labels[key] === value,
    );
}

function networkFacts(name: string, labels: NetworkFacts['labels']): NetworkFacts {
  return { id: name, name, labels, gateway: null, subnet: null };
}

function volumeFacts({ name, labels }: SimulatedVolume): VolumeFacts {
  return { name, driver: 'local', labels, mountpoint: '', createdAtMs: 0, sizeBytes: null, usedBy: null };
}

function imageFacts({ digest, reference }: SimulatedImage): ImageFacts {
  return {
    digest,
    tags: [reference],
    repoDigests: [],
    sizeBytes: 1,
    createdAtMs: 0,
    architecture: 'amd64',
    os: 'linux',
    labels: {},
    exposedPorts: [],
  };
}

async function* noLines(): AsyncGenerator<never> {}
