/** Builds the orchestrator on this machine: Docker, HAProxy, the key ring and the folder for backups. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import { openDockerEngine } from '../docker/open-docker-engine.ts';
import { openEdges } from '../edge/open-edges.ts';
import { openOrchestrator } from '../orchestrator/open-orchestrator.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import type { Clock } from '../ports/clock.ts';
import type { Edges } from '../ports/edge.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import type { ProjectCode } from '../ports/project-code.ts';
import { defaultDataFolder } from '../platform/data-folder.ts';
import type { Random } from '../ports/random.ts';
import type { SecretVault } from '../ports/secrets.ts';
import type { TextSealer } from '../ports/text-sealer.ts';
import { chooseKeyStore } from '../secrets/choose-key-store.ts';
import { keyFile } from '../secrets/key-file.ts';
import { openKeyRing } from '../secrets/key-ring.ts';
import { lockedVault } from '../secrets/locked-vault.ts';
import { secretFilesOnTmpfs } from '../secrets/secret-files.ts';
import { systemKeychain } from '../secrets/system-keychain.ts';
import { openVault } from '../secrets/vault.ts';
import type { ControlStore } from '../state/control-store.ts';
import { localVolumeDriver } from '../volumes/local-driver.ts';

const instanceChars = 6;

export interface OpenServicesOptions {
  readonly dataFolder: string;
  readonly store: ControlStore;
  readonly code: ProjectCode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly viewOnly: boolean;
  /** What the host's runtime seals texts with. */
  readonly sealer: TextSealer | null;
}

/** Opens it. Engines are looked for at once and for as long as it takes; nothing waits for them here. */
export async function openServices(options: OpenServicesOptions): Promise<Orchestrator> {
  const { dataFolder, store, code, clock, random, log, viewOnly } = options;
  const folder = join(dataFolder, 'services');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const instance = instanceOf(folder, random);
  const vault = await openKeys(options, folder, instance);
  const edges = new Map<ContainerEngine, Edges>();
  const openEdgesOf = (engine: ContainerEngine): Edges => {
    const known = edges.get(engine) ?? openEdges({ engine, clock, log: log.child({ component: 'edge' }) });
    edges.set(engine, known);
    return known;
  };
  const local = localVolumeDriver({
    folder: join(folder, 'backups'),
    instance,
    clock,
    random,
    helperImage: async (engine) => {
      const prepared = await openEdgesOf(engine).prepare(() => undefined);
      return prepared.ok ? { ok: true, value: prepared.value.image } : prepared;
    },
  });
  return openOrchestrator({
    store,
    clock,
    random,
    log,
    instance,
    openEngine: (endpoint) => openDockerEngine({ endpoint, instance, clock, log: log.child({ component: 'docker' }) }),
    openEdges: openEdgesOf,
    vault,
    secretFiles: secretFilesOnTmpfs(),
    volumeDrivers: new Map([[local.name, local]]),
    code,
    isPortFree,
    viewOnly,
  });
}

/**
 * The vault with its keys: in the system's keychain, or in a file of the data folder. A folder that
 * was chosen by a person keeps its keys in itself, so that it is whole wherever it is taken.
 */
async function openKeys(
  { dataFolder, sealer, log }: OpenServicesOptions,
  folder: string,
  account: string,
): Promise<SecretVault> {
  const isOwn = resolve(dataFolder) === defaultDataFolder({ ...process.env, GANTRY_HOME: undefined });
  const keychain = isOwn ? systemKeychain({ account, folder, sealer }) : null;
  try {
    return openVault(await openKeyRing(await chooseKeyStore(keyFile(folder), keychain, log)));
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    log.warn('secrets cannot be read', { why: error.message });
    return lockedVault(error);
  }
}

/** The id by which this data folder knows its containers again: made once. */
function instanceOf(folder: string, random: Random): string {
  const path = join(folder, 'instance');
  if (existsSync(path)) {
    const known = readFileSync(path, 'utf8').trim();
    if (/^[a-z0-9]{4,12}$/.test(known)) return known;
  }
  const made = random.id(instanceChars);
  writeFileSync(path, made, { mode: 0o600, flush: true });
  return made;
}

/** Probes by listening for a moment. */
function isPortFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
