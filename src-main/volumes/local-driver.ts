/**
 * The engine's own volumes. A backup is the volume's content as a tar file in the data folder, read
 * through a helper container that mounts it; it has its name only once it is complete.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fail, ok } from '#shared/base/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine, EngineRefusal, EngineResult } from '../ports/engine.ts';
import type { Random } from '../ports/random.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import type { VolumeBackup, VolumeDriver } from '../ports/volume-driver.ts';

const mountPoint = '/volume';
const suffix = '.tar';
const logBytesMax = 4_096;
const restoreTimeoutMs = 600_000;
/** All that is in a folder, hidden files too, in words that every `sh` knows. */
const emptyFolder = 'rm -rf -- "$1"/..?* "$1"/.[!.]* "$1"/*';

export interface LocalDriverOptions {
  /** Where backups go: `<folder>/<engine name>/<id>.tar`. */
  readonly folder: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  /** An image with `sh` and `sleep` that is on the engine, or comes there: the edge's. */
  readonly helperImage: (engine: ContainerEngine) => Promise<EngineResult<string>>;
}

/** The driver `local`. */
export function localVolumeDriver(options: LocalDriverOptions): VolumeDriver {
  const { folder, clock, random } = options;
  const folderOf = (engineName: string): string => join(folder, engineName);

  const backUp: VolumeDriver['backUp'] = async (engine, engineName, why) => {
    const id = `${clock.nowMs()}-${random.id(6)}`;
    const path = join(folderOf(engineName), `${encodeWhy(id, why)}${suffix}`);
    const temporary = `${path}.part`;
    const copied = await withHelper(options, engine, engineName, true, async (helperId) => {
      const archive = await engine.getArchive(helperId, `${mountPoint}/.`);
      if (!archive.ok) return archive;
      try {
        await mkdir(folderOf(engineName), { recursive: true, mode: 0o700 });
        await pipeline(archive.value, createWriteStream(temporary, { mode: 0o600, flush: true }));
        await rename(temporary, path);
        return ok((await stat(path)).size);
      } catch (error) {
        await rm(temporary, { force: true });
        return fail(backupFailed(engineName, error));
      }
    });
    return copied.ok ? ok({ id, volume: engineName, atMs: clock.nowMs(), sizeBytes: copied.value, why }) : copied;
  };

  const backups: VolumeDriver['backups'] = async (engineName) => {
    const names = await readdir(folderOf(engineName)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    const found = await Promise.all(
      names
        .filter((name) => name.endsWith(suffix))
        .map(async (name): Promise<VolumeBackup | null> => {
          const named = decodeWhy(name.slice(0, -suffix.length));
          if (named === null) return null;
          const { size } = await stat(join(folderOf(engineName), name));
          return { ...named, volume: engineName, sizeBytes: size };
        }),
    );
    return found.filter((backup) => backup !== null).toSorted((a, b) => b.atMs - a.atMs);
  };

  return {
    name: 'local',
    isBoundToHost: true,
    async ensure(engine, engineName, driverOptions, labels) {
      const made = await engine.ensureVolume({ name: engineName, driver: 'local', options: driverOptions, labels });
      return made.ok ? ok(null) : made;
    },
    remove: (engine, engineName) => engine.removeVolume(engineName),
    backUp,
    backups,
    async restore(engine, engineName, backupId) {
      const names = await readdir(folderOf(engineName)).catch(() => []);
      const name = names.find((each) => each.startsWith(`${backupId} `) && each.endsWith(suffix));
      if (name === undefined) {
        return fail(refusal(`The volume ${engineName} has no backup ${backupId}. Nothing was changed.`));
      }
      const before = await backUp(engine, engineName, `before backup ${backupId} was put back`);
      if (!before.ok) return before;
      return withHelper(options, engine, engineName, false, async (helperId) => {
        const emptied = await engine.run(helperId, ['sh', '-c', emptyFolder, 'sh', mountPoint], {
          timeoutMs: restoreTimeoutMs,
        });
        if (!emptied.ok) return emptied;
        if (emptied.value.exitCode !== 0)
          return fail(refusal(`The volume could not be emptied: ${emptied.value.output}`));
        const filled = await engine.putArchive(
          helperId,
          mountPoint,
          createReadStream(join(folderOf(engineName), name)),
        );
        return filled;
      });
    },
  };
}

/** Runs with a container that mounts the volume, and removes it however that ends. */
async function withHelper<T>(
  options: LocalDriverOptions,
  engine: ContainerEngine,
  volume: string,
  readOnly: boolean,
  use: (containerId: string) => Promise<EngineResult<T>>,
): Promise<EngineResult<T>> {
  const image = await options.helperImage(engine);
  if (!image.ok) return image;
  const created = await engine.createContainer({
    name: `gantry-${options.instance}-volume-${options.random.id(6)}`,
    image: image.value,
    entrypoint: ['sleep'],
    command: ['3600'],
    env: {},
    labels: {
      [serviceLabel.managed]: 'true',
      [serviceLabel.instance]: options.instance,
      [serviceLabel.role]: 'helper',
    },
    workingDirectory: null,
    // Files belong to whoever runs in the service.
    user: '0:0',
    hostname: null,
    networks: [],
    publish: [],
    mounts: [{ kind: 'volume', volume, target: mountPoint, readOnly }],
    cpus: null,
    memoryBytes: null,
    pids: null,
    restart: 'no',
    health: null,
    stopSignal: 'SIGKILL',
    stopGraceMs: 0,
    logBytesMax,
  });
  if (!created.ok) return created;
  try {
    const started = await engine.startContainer(created.value.id);
    return started.ok ? await use(created.value.id) : started;
  } finally {
    await engine.removeContainer(created.value.id);
  }
}

/** The reason stands in the file's name, so that a backup explains itself without the app. */
function encodeWhy(id: string, why: string): string {
  return `${id} ${why.replaceAll(/[^A-Za-z0-9 .-]/g, '_').slice(0, 120)}`;
}

function decodeWhy(name: string): Pick<VolumeBackup, 'id' | 'atMs' | 'why'> | null {
  const match = /^((\d+)-[a-z0-9]+) (.*)$/.exec(name);
  return match === null ? null : { id: match[1] ?? '', atMs: Number(match[2]), why: match[3] ?? '' };
}

function backupFailed(engineName: string, error: unknown): EngineRefusal {
  const why = error instanceof Error ? error.message : String(error);
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  return {
    reason: isFull ? 'disk-full' : 'refused',
    message: isFull
      ? `The disk is full, so ${engineName} could not be backed up. Nothing was changed. Free some space and try again.`
      : `${engineName} could not be backed up: ${why}. Nothing was changed.`,
    detail: why,
  };
}

function refusal(message: string): EngineRefusal {
  return { reason: 'refused', message, detail: '' };
}
