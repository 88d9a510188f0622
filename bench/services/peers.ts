/** Docker Compose and a one-node Swarm doing the same as we do, on the same engine, with the same images. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, run, seconds, until } from './commands.ts';

/** `docker compose`, or the older program of its own; null when neither is here. */
export function findCompose(): readonly string[] | null {
  if (isInstalled('docker', 'compose', 'version')) return ['docker', 'compose'];
  return isInstalled('docker-compose', 'version') ? ['docker-compose'] : null;
}

/** Seconds from one to `replicas` with `up --scale`, until all run. */
export async function composeScale(compose: readonly string[], image: string, replicas: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-bench-compose-'));
  const project = 'gantry-bench-compose';
  writeFileSync(join(folder, 'compose.yaml'), `version: "3.7"\nservices:\n  web:\n    image: "${image}"\n`);
  const [program = 'docker', ...before] = compose;
  const call = (...args: string[]): Promise<string> =>
    run(program, [...before, '-p', project, '-f', join(folder, 'compose.yaml'), ...args]);
  try {
    await call('up', '-d', '--scale', 'web=1');
    return await seconds(async () => {
      await call('up', '-d', '--scale', `web=${replicas}`);
      await until('all containers run', async () => {
        const running = await run('docker', ['ps', '-q', '--filter', `label=com.docker.compose.project=${project}`]);
        return running.trim().split('\n').length === replicas;
      });
    });
  } finally {
    await call('down', '-t', '1');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a Swarm can be made of this engine: somebody's own is not ours to measure, let alone to leave. */
export async function isSwarmFree(): Promise<boolean> {
  const state = await run('docker', ['info', '--format', '{{.Swarm.LocalNodeState}}']);
  return state.trim() === 'inactive';
}

/**
 * Seconds that a one-node Swarm takes to scale and to update, start first, until it says that it has
 * converged. Its service does what ours does: replicas on a network where they are found by name,
 * reached at one published port.
 */
export function swarm(
  images: readonly [string, string],
  replicas: number,
  parallelism: number,
): Promise<{ scaleSeconds: number; updateSeconds: number }> {
  const reached = ['--network', 'gantry-bench', '--publish', 'target=8080'];
  return inSwarm(async () => {
    await run('docker', ['network', 'create', '-d', 'overlay', 'gantry-bench']);
    return withService(images[0], 1, reached, async (name) => ({
      scaleSeconds: await seconds(() => run('docker', ['service', 'scale', `${name}=${replicas}`])),
      updateSeconds: await seconds(() => updateService(name, images[1], parallelism)),
    }));
  });
}

/** The same of an update of a service that nobody can reach: without a network of its own and a port. */
export function isolatedSwarmUpdate(
  images: readonly [string, string],
  replicas: number,
  parallelism: number,
): Promise<number> {
  return inSwarm(() =>
    withService(images[0], replicas, [], (name) => seconds(() => updateService(name, images[1], parallelism))),
  );
}

async function inSwarm<T>(measure: () => Promise<T>): Promise<T> {
  const gateway = 'docker_gwbridge';
  const hadGateway = isInstalled('docker', 'network', 'inspect', gateway);
  await run('docker', ['swarm', 'init', '--advertise-addr', '127.0.0.1']);
  try {
    return await measure();
  } finally {
    await run('docker', ['swarm', 'leave', '--force']);
    if (!hadGateway) await run('docker', ['network', 'rm', gateway]);
  }
}

async function withService<T>(
  image: string,
  replicas: number,
  options: readonly string[],
  measure: (name: string) => Promise<T>,
): Promise<T> {
  const name = 'gantry-bench-swarm';
  const create = ['service', 'create', '--no-resolve-image', '--name', name, '--replicas', String(replicas), '-q'];
  await run('docker', [...create, ...options, image]);
  const measured = await measure(name);
  await run('docker', ['service', 'rm', name]);
  await until('its containers are gone', async () => {
    const left = await run('docker', ['ps', '-q', '--filter', `label=com.docker.swarm.service.name=${name}`]);
    return left.trim() === '';
  });
  return measured;
}

function updateService(name: string, image: string, parallelism: number): Promise<string> {
  return run('docker', [
    ...['service', 'update', '-q', '--no-resolve-image', '--update-order', 'start-first'],
    ...['--update-parallelism', String(parallelism), '--update-delay', '0s', '--update-monitor', '1ns'],
    ...['--image', image, name],
  ]);
}
