/** A Docker engine, or one that speaks its API such as Podman's, as the port has it. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Clock } from '../ports/clock.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { serviceLabel } from '../ports/service-labels.ts';
import { containerArchives } from './container-archives.ts';
import { containerLife } from './container-life.ts';
import { containerLogs } from './container-logs.ts';
import { statsSampler } from './container-stats.ts';
import { type BeingStarted, containerView } from './container-view.ts';
import { diskUse } from './disk-use.ts';
import { engineCalls } from './engine-calls.ts';
import { type EngineSurroundings, searchEngine } from './engine-endpoint.ts';
import { EngineLink } from './engine-link.ts';
import { execSessions } from './exec-session.ts';
import { images } from './images.ts';
import { compareApi } from './meet-engine.ts';
import { networksAndVolumes } from './networks-and-volumes.ts';
import { registryLogins } from './registry-logins.ts';

export interface DockerEngineOptions {
  /** An address as `DOCKER_HOST` has them; null for what the environment and the Docker context say. */
  readonly endpoint: string | null;
  /** The data folder's id in the labels of what it made. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: this machine's. */
  readonly surroundings?: EngineSurroundings;
}

/** API from which one sample of statistics takes no second. */
const oneShotApi = '1.41';

/** Opens an engine: at once, whether there is one or not. Its state tells, and calls wait for the first try. */
export function openDockerEngine(options: DockerEngineOptions): ContainerEngine {
  const { endpoint, instance, clock, log } = options;
  const surroundings = options.surroundings ?? thisMachine();
  const link = new EngineLink({
    search: () => searchEngine(endpoint, surroundings),
    exists: surroundings.exists,
    advice: adviceFor(surroundings.platform),
    clock,
    log,
  });
  const calls = engineCalls(link);
  const beingStarted: BeingStarted = new Map();
  const isStaying = (): Promise<boolean> => link.isStaying();
  const view = containerView(
    { calls, isStaying },
    beingStarted,
    (labels) => labels[serviceLabel.instance] === instance,
  );
  const hasOneShot = (): boolean => link.state.state === 'ready' && compareApi(link.state.apiVersion, oneShotApi) >= 0;
  return {
    get state() {
      return link.state;
    },
    onDidChangeState: link.onDidChangeState,
    onDidHappen: link.onDidHappen,
    ...view,
    ...containerLife(calls, view, beingStarted),
    ...containerArchives(calls),
    ...containerLogs(calls),
    ...execSessions(calls, clock, log),
    ...statsSampler(calls, hasOneShot),
    ...images(calls, registryLogins(surroundings)),
    ...networksAndVolumes(calls),
    ...diskUse(calls),
    dispose: () => link.dispose(),
  };
}

/** What this machine and the environment of this process say about engines. */
export function thisMachine(): EngineSurroundings {
  return {
    env: process.env,
    platform: process.platform,
    homeFolder: homedir(),
    userId: process.getuid?.() ?? null,
    exists: existsSync,
    readText(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        // Not there or not ours to read: as if nothing were said.
        return null;
      }
    },
  };
}

function adviceFor(platform: string): string {
  switch (platform) {
    case 'darwin':
      return 'Install Docker Desktop, OrbStack, Colima or Podman, and start it.';
    case 'win32':
      return 'Install Docker Desktop or Podman, and start it.';
    default:
      return 'Install one, such as Debian’s package docker.io, and start it.';
  }
}
