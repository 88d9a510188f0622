/** The files of an edge's container. */
import { createHash } from 'node:crypto';
import type { EdgeListener, EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, EngineResult } from '../ports/engine.ts';
import { ok } from '#shared/base/result.ts';
import {
  certificateListFile,
  checkPathsFile,
  configFile,
  configFolder,
  forgetRunning,
  keysFolder,
  nextConfigFile,
  serverStateFile,
} from './edge-layout.ts';
import { refuse } from './edge-refusal.ts';
import { renderConfig } from './haproxy-config.ts';
import { checkPathsText } from './server-check.ts';
import { keptServerState, runningServerState } from './server-state.ts';
import { tarOf, type TarFile } from '../platform/tar.ts';

const ownerOnly = 0o600;
/** There is one user inside, which is not always the same: what is there is its own. */
const writable = 0o666;
const anybody = 0o777;

/** What the container begins with when the app is not there: names in place of addresses, no server trusted. */
export function keptFiles(spec: EdgeSpec): Uint8Array {
  return filesOf(spec, configFile, renderConfig(spec, 'kept'), keptServerState(spec));
}

/** What a reload begins with: the servers that pass their checks go on taking traffic. */
export function reloadFiles(spec: EdgeSpec, isUp: (pool: EdgePool, server: EdgeServer) => boolean): Uint8Array {
  return filesOf(spec, nextConfigFile, renderConfig(spec, 'running'), runningServerState(spec, isUp));
}

function filesOf(spec: EdgeSpec, path: string, config: string, serverState: string): Uint8Array {
  return tarOf([
    { folder: configFolder.slice(1), mode: anybody },
    // The memory file system mounted there takes its permissions from the folder below.
    { folder: keysFolder.slice(1), mode: anybody },
    file(path.slice(1), config, writable),
    file(serverStateFile.slice(1), serverState, writable),
    file(checkPathsFile.slice(1), checkPathsText(spec), writable),
  ]);
}

function file(path: string, text: string, mode: number): TarFile {
  return { path, bytes: Buffer.from(text), mode };
}

/**
 * Puts certificates with their keys into the container's memory. An archive from outside would end
 * up on its disk, below the memory file system: it is unpacked by a command inside.
 */
export async function putCertificates(
  engine: ContainerEngine,
  containerId: string,
  listeners: readonly EdgeListener[],
): Promise<EngineResult<null>> {
  const certificates = listeners
    .flatMap((listener) => (listener.kind === 'routes' ? listener.certificates : []))
    .map(({ name, pem, hosts }) => {
      const hash = createHash('sha256').update(pem).digest('hex').slice(0, 12);
      return { path: `${name}-${hash}.pem`, pem, hosts };
    });
  if (certificates.length === 0) return ok(null);
  const list = certificates.map(({ path, hosts }) => `${[`${keysFolder}/${path}`, ...hosts].join(' ')}\n`).join('');
  const archive = tarOf([
    ...certificates.map(({ path, pem }): TarFile => file(path, pem, ownerOnly)),
    file(certificateListFile.slice(keysFolder.length + 1), list, ownerOnly),
  ]);
  const put = await engine.run(containerId, ['sh', '-c', `cd ${keysFolder} && rm -f *.pem && tar -xof -`], {
    input: archive,
  });
  if (!put.ok) return put;
  if (put.value.exitCode === 0) return ok(null);
  return refuse('refused', 'The certificates could not be put into the edge.', put.value.output);
}

/** Has the balancer check its next configuration, and makes it the one that it loads. */
export async function acceptConfig(engine: ContainerEngine, containerId: string): Promise<EngineResult<null>> {
  const script = `haproxy -c -f ${nextConfigFile} && mv ${nextConfigFile} ${configFile} && ${forgetRunning}`;
  const checked = await engine.run(containerId, ['sh', '-c', script]);
  if (!checked.ok) return checked;
  if (checked.value.exitCode === 0) return ok(null);
  return refuse(
    'refused',
    'The balancer refuses its new configuration; it goes on with the one it has.',
    checked.value.output,
  );
}
