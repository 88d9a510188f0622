/** The app in the simulated world: the real orchestrator on simulated ports, started and killed at will. */
import { assertDefined } from '#shared/base/assert.ts';
import { ok } from '#shared/base/result.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import type { ContainerEngine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { ProjectCode } from '../../ports/project-code.ts';
import type { SecretVault } from '../../ports/secrets.ts';
import { secretFilesOnTmpfs } from '../../secrets/secret-files.ts';
import { localVolumeDriver } from '../../volumes/local-driver.ts';
import type { ServiceWorld } from '../../orchestrator/drive/service-world.ts';
import { AppLife, type LifeWorld } from './app-life.ts';
import { connectEdges, type EdgeRegistry, type EdgeWitness } from './edge-connection.ts';
import type { ConnectionFaults } from './connection-faults.ts';
import { connectEngine, type EngineWitness, type Registry } from './engine-connection.ts';
import type { SimulatedEngine } from './simulated-engine.ts';
import type { SimulatedStore } from './simulated-store.ts';

/** Makes what is tested: the orchestrator, on a world of its own. */
export type OpenOrchestrator = (world: ServiceWorld) => Disposable & { start(): void };

/** What every run of the app finds. */
export interface AppWorld extends LifeWorld {
  readonly instance: string;
  readonly store: SimulatedStore;
  /** The first one is this machine's. */
  readonly engines: readonly SimulatedEngine[];
  readonly edges: EdgeRegistry;
  readonly registry: Registry;
  readonly faults: ConnectionFaults;
  readonly witness: EngineWitness & EdgeWitness;
  readonly note: (what: string) => void;
}

/** One app, killed and started again. */
export class SimulatedApp {
  readonly #world: AppWorld;
  readonly #open: OpenOrchestrator;
  #life: AppLife | null = null;
  #orchestrator: Disposable | null = null;

  constructor(world: AppWorld, open: OpenOrchestrator) {
    this.#world = world;
    this.#open = open;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  start(): void {
    if (this.#life !== null) return;
    this.#world.note('the app starts');
    this.#life = new AppLife(this.#world);
    this.#world.onTouch();
    const orchestrator = this.#open(this.#worldOf(this.#life));
    this.#orchestrator = orchestrator;
    orchestrator.start();
  }

  /** As `kill -9`: what it was doing ends where it is. */
  kill(): void {
    if (this.#life === null) return;
    this.#world.note('the app is killed');
    this.#life.kill();
    this.#orchestrator?.dispose();
    this.#life = null;
    this.#orchestrator = null;
  }

  #worldOf(life: AppLife): ServiceWorld {
    const { store, engines, edges, registry, faults, witness, random, instance } = this.#world;
    const hosts = new Map<ContainerEngine, SimulatedEngine>();
    const clock = life.clock();
    const own = random.fork();
    return {
      store: store.connect(life),
      clock,
      random: own,
      log: noted(this.#world.note),
      instance,
      openEngine: (endpoint) => {
        const engine = assertDefined(
          engines.find(({ hostId }) => hostId === (endpoint ?? 'local')),
          'every stored host has an engine',
        );
        const connection = connectEngine({ engine, life, random: random.fork(), faults, registry, witness });
        hosts.set(connection, engine);
        return connection;
      },
      openEdges: (connection) => {
        const engine = assertDefined(hosts.get(connection), 'edges are on an engine that was opened');
        return connectEdges({ engine, life, registry: edges, random: random.fork(), faults, witness });
      },
      vault: openedAsStored,
      secretFiles: secretFilesOnTmpfs(),
      volumeDrivers: new Map([['local', localVolumeDriver({ ...backupsNowhere, instance, clock, random: own })]]),
      code: noCode,
      isPortFree: async () => true,
      viewOnly: false,
    };
  }
}

/** What the app logs is part of what is shown of a failure. */
function noted(note: (what: string) => void): Log {
  const line = (message: string, fields?: Record<string, unknown>): void =>
    note(`log: ${message} ${fields === undefined ? '' : JSON.stringify(fields)}`);
  const log: Log = { debug: () => undefined, info: line, warn: line, error: line, child: () => log };
  return log;
}

/** Sealing has tests of its own: a simulated secret is stored as it is. */
const openedAsStored: SecretVault = {
  keyId: 'simulated',
  keptIn: 'nowhere',
  seal: notSimulated('sealing'),
  open: ({ ciphertext }) => ok(Buffer.from(ciphertext, 'base64')),
  rewrap: notSimulated('sealing again'),
  rotate: notSimulated('another master key'),
  forgetOldKeys: notSimulated('another master key'),
};

const backupsNowhere = { folder: '', helperImage: notSimulated('a backup') };

const noCode: ProjectCode = {
  target: notSimulated('a repository'),
  lane: notSimulated('a repository'),
  laneFacts: notSimulated('a repository'),
  archive: notSimulated('a repository'),
  readFile: notSimulated('a repository'),
};

function notSimulated(what: string): () => never {
  return () => {
    throw new Error(`${what} is not simulated`);
  };
}
