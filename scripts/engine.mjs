// The container engine that the tests of services need. Where none answers it is installed and
// started only where that needs no question: on Debian, as root. It ends with the tests.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packages = ['docker.io', 'haproxy', 'busybox-static', 'iptables'];
const startSecondsMax = 60;

function answers() {
  return spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore' }).status === 0;
}

function hasPackages() {
  return packages.every((name) => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status === 0);
}

function mayInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Makes sure that an engine answers, and what its tests make images of is there. Answers how to end
 * what was started, and why there is no engine if there is none.
 */
export async function ensureEngine() {
  if (mayInstall() && !hasPackages()) {
    console.log(`Installing ${packages.join(', ')} for the tests of services…`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { stdio: 'ignore', env });
  }
  if (answers()) return { problem: null, stop: async () => {} };
  const dockerd = ['/usr/sbin/dockerd', '/usr/bin/dockerd'].find((path) => existsSync(path));
  if (!mayInstall() || dockerd === undefined) return { problem: 'no container engine answers', stop: async () => {} };
  const log = join(mkdtempSync(join(tmpdir(), 'gantry-dockerd-')), 'log');
  const output = openSync(log, 'w');
  const daemon = spawn(dockerd, [], { stdio: ['ignore', output, output], detached: true });
  for (let second = 0; second < startSecondsMax && daemon.exitCode === null; second += 1) {
    if (answers()) return { problem: null, stop: () => stop(daemon) };
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await stop(daemon);
  return { problem: `dockerd did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`, stop: async () => {} };
}

/** Asks it to end, and waits until it has. */
async function stop(daemon) {
  if (daemon.exitCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  const timer = setTimeout(() => daemon.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}
