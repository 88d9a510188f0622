/**
 * Secrets as files in a host's memory. A Docker volume of type tmpfs lives as long as something has
 * it mounted; a keeper container does. It is filled through the engine's archive call, so that no
 * value is ever in a command, an environment, a URL or a log.
 */
import { fail, ok } from '#shared/base/result.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ContainerEngine, ContainerFacts, EngineResult } from '../ports/engine.ts';
import type { SecretFile, SecretFiles } from '../ports/secrets.ts';
import { containerLabels, networkName, serviceLabel } from '../ports/service-labels.ts';
import { tarOf } from '../platform/tar.ts';

const mountPoint = '/secrets';
/** Written last: a set without it was never filled, or lost what it had. */
const completeMark = '.complete';
/** A whole set, with room for the file system's own needs. */
const sizeBytesMin = 1_048_576;
const blockBytes = 4_096;
const keeperMemoryBytes = 16 * 1_048_576;
/** An engine starts the commands that look into it with a handful of threads inside. */
const keeperProcessesMax = 64;

/** The implementation on any engine. */
export function secretFilesOnTmpfs(): SecretFiles {
  /** One at a time per set and engine: two that fill at once would each remove the other's beginning. */
  const underWay = new WeakMap<ContainerEngine, Map<string, Promise<EngineResult<{ volume: string }>>>>();

  const ensure: SecretFiles['ensure'] = (set) => {
    const ofEngine = underWay.get(set.engine) ?? new Map<string, Promise<EngineResult<{ volume: string }>>>();
    underWay.set(set.engine, ofEngine);
    const known = ofEngine.get(set.key);
    if (known !== undefined) return known;
    const promise = fill(set).finally(() => ofEngine.delete(set.key));
    ofEngine.set(set.key, promise);
    return promise;
  };
  return {
    ensure,
    async isFilled(engine, instance, key) {
      const keeper = await findKeeper(engine, instance, key);
      if (!keeper.ok) return keeper;
      if (keeper.value?.state !== 'running') return ok(false);
      return isComplete(engine, keeper.value.id);
    },
    async release(engine, instance, serviceId, keep) {
      const ofService = { [serviceLabel.service]: serviceId };
      const keepers = await listKeepers(engine, instance, ofService);
      if (!keepers.ok) return keepers;
      for (const { id, labels } of keepers.value) {
        if (keep.has(labels[serviceLabel.secrets] ?? '')) continue;
        const removed = await engine.removeContainer(id);
        if (!removed.ok) return removed;
      }
      // Looked for by their own labels: a keeper may have been removed without its volume.
      const volumes = await engine.listVolumes(labelsOfKeepers(instance, ofService));
      if (!volumes.ok) return volumes;
      for (const { labels, name } of volumes.value) {
        if (keep.has(labels[serviceLabel.secrets] ?? '')) continue;
        const removed = await engine.removeVolume(name);
        if (!removed.ok) return removed;
      }
      return ok(null);
    },
  };
}

async function fill(set: Parameters<SecretFiles['ensure']>[0]): Promise<EngineResult<{ volume: string }>> {
  const { engine, instance, key, files } = set;
  const volume = `${networkName(instance, set.projectId, set.stack)}-secrets-${key}`;
  const found = await findKeeper(engine, instance, key);
  if (!found.ok) return found;
  const keeper = await runningKeeper(set, volume, found.value);
  if (!keeper.ok) return keeper;
  const { id: keeperId } = keeper.value;
  const complete = await isComplete(engine, keeperId);
  if (!complete.ok) return complete;
  if (!complete.value) {
    const filled = await engine.putArchive(keeperId, mountPoint, archiveOf(files));
    if (!filled.ok) return filled;
    const marked = await engine.putArchive(
      keeperId,
      mountPoint,
      tarOf([{ path: completeMark, bytes: new Uint8Array(), mode: 0o444 }]),
    );
    if (!marked.ok) return marked;
  }
  return ok({ volume });
}

/** The keeper that was found, started if it has to be, or a new one. */
async function runningKeeper(
  set: Parameters<SecretFiles['ensure']>[0],
  volume: string,
  found: ContainerFacts | null,
): Promise<EngineResult<{ id: string }>> {
  const { engine } = set;
  if (found?.state === 'running') return ok(found);
  const keeper = found === null ? await makeKeeper(set, volume) : ok(found);
  if (!keeper.ok) return keeper;
  const started = await engine.startContainer(keeper.value.id);
  if (started.ok) return keeper;
  const isAnswer = started.error.reason !== 'unreachable' && started.error.reason !== 'timeout';
  if (found === null || !isAnswer) return started;
  // One that was being started when its engine was killed cannot be started any more: it is made anew, once.
  const removed = await engine.removeContainer(found.id);
  return removed.ok ? runningKeeper(set, volume, null) : removed;
}

async function makeKeeper(
  set: Parameters<SecretFiles['ensure']>[0],
  volume: string,
): Promise<EngineResult<{ id: string }>> {
  const { engine, instance, projectId, stack, serviceId, key, files } = set;
  const labels = { ...containerLabels(instance, projectId, stack, serviceId, 'keeper'), [serviceLabel.secrets]: key };
  const sizeBytes =
    sizeBytesMin + files.reduce((sum, file) => sum + Math.ceil(file.bytes.byteLength / blockBytes + 1) * blockBytes, 0);
  const made = await engine.ensureVolume({
    name: volume,
    driver: 'local',
    // Never written to disk; others on the host need to be root to look at it.
    options: { type: 'tmpfs', device: 'tmpfs', o: `size=${sizeBytes},mode=0755,nosuid,nodev,noexec` },
    labels,
  });
  if (!made.ok) return made;
  const created = await engine.createContainer({
    name: volume,
    image: set.keeperImage,
    entrypoint: ['sleep'],
    command: ['2147483647'],
    env: {},
    labels,
    workingDirectory: null,
    user: null,
    hostname: null,
    networks: [],
    publish: [],
    mounts: [{ kind: 'volume', volume, target: mountPoint, readOnly: false }],
    cpus: null,
    memoryBytes: keeperMemoryBytes,
    pids: keeperProcessesMax,
    // Come back empty, it would look as if the secrets were there: the orchestrator starts it.
    restart: 'no',
    health: null,
    stopSignal: 'SIGKILL',
    stopGraceMs: 0,
    logBytesMax: blockBytes,
    dropCapabilities: ['ALL'],
  });
  if (created.ok || created.error.reason !== 'name-taken') return created;
  const again = await findKeeper(engine, instance, key);
  if (!again.ok) return again;
  return again.value === null ? created : ok({ id: again.value.id });
}

/** Readable by whatever user the service runs as: who is in the container may read what it was given. */
function archiveOf(files: readonly SecretFile[]): Uint8Array {
  return tarOf(files.map(({ file, bytes }) => ({ path: file, bytes, mode: 0o444 })));
}

async function isComplete(engine: ContainerEngine, keeperId: string): Promise<EngineResult<boolean>> {
  const looked = await engine.run(keeperId, ['test', '-f', `${mountPoint}/${completeMark}`]);
  return looked.ok ? ok(looked.value.exitCode === 0) : looked;
}

async function findKeeper(
  engine: ContainerEngine,
  instance: string,
  key: string,
): Promise<EngineResult<ContainerFacts | null>> {
  const keepers = await listKeepers(engine, instance, { [serviceLabel.secrets]: key });
  return keepers.ok ? ok(keepers.value[0] ?? null) : fail(keepers.error);
}

function listKeepers(
  engine: ContainerEngine,
  instance: string,
  labels: Record<string, ServiceId | string>,
): Promise<EngineResult<ContainerFacts[]>> {
  return engine.listContainers(labelsOfKeepers(instance, labels));
}

/** Carried by keepers and the volumes that they hold. */
function labelsOfKeepers(instance: string, labels: Record<string, string>): Record<string, string> {
  return { [serviceLabel.instance]: instance, [serviceLabel.role]: 'keeper', ...labels };
}
