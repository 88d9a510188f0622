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

/** Seconds that a one-node Swarm takes to scale and to update, start first; null when there is a Swarm already. */
export async function swarm(
  images: readonly [string, string],
  replicas: number,
  parallelism: number,
): Promise<{ scaleSeconds: number; updateSeconds: number } | null> {
  const state = await run('docker', ['info', '--format', '{{.Swarm.LocalNodeState}}']);
  // Somebody's own Swarm is not ours to measure, let alone to leave.
  if (state.trim() !== 'inactive') return null;
  await run('docker', ['swarm', 'init', '--advertise-addr', '127.0.0.1']);
  try {
    const name = 'gantry-bench-swarm';
    await run('docker', [
      'service',
      'create',
      '--no-resolve-image',
      '--name',
      name,
      '--replicas',
      '1',
      '-q',
      images[0],
    ]);
    const scaleSeconds = await seconds(() => run('docker', ['service', 'scale', `${name}=${replicas}`]));
    const updateSeconds = await seconds(() =>
      run('docker', [
        'service',
        'update',
        '-q',
        '--no-resolve-image',
        '--update-order',
        'start-first',
        '--update-parallelism',
        String(parallelism),
        '--update-delay',
        '0s',
        '--update-monitor',
        '1ns',
        '--image',
        images[1],
        name,
      ]),
    );
    await run('docker', ['service', 'rm', name]);
    await until('its containers are gone', async () => {
      const left = await run('docker', ['ps', '-q', '--filter', `label=com.docker.swarm.service.name=${name}`]);
      return left.trim() === '';
    });
    return { scaleSeconds, updateSeconds };
  } finally {
    await run('docker', ['swarm', 'leave', '--force']);
  }
}
