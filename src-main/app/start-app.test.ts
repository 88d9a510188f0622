// The whole app on a data folder of its own: Raft nodes in threads, the worker as a process.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { refusalCode } from '../coordinator/workshop.fixture.ts';
import { shutdownWorker } from '../worker-client/shutdown-worker.ts';
import { waitFor } from '../worker/worker-bench.fixture.ts';
import { type App, startApp } from './start-app.ts';

let root: string;
let app: App | null;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-app-')));
  app = null;
});

afterEach(async () => {
  await app?.close();
  const ended = await shutdownWorker(join(root, 'data'), systemClock);
  expect(ended.ok).toBe(true);
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

async function start(): Promise<App> {
  app = await startApp({ dataFolder: join(root, 'data'), kind: 'headless', viewOnly: false });
  return app;
}

function call(started: App, name: 'host.shutdownWorker'): Promise<{ runsEnded: number }> {
  const context = { connectionId: 'test', correlationId: 'test', signal: new AbortController().signal };
  return started.handlers[name]({}, context);
}

it('has its folder to itself, and gives it back when it is closed, once or twice', async () => {
  const first = await start();
  expect(await refusalCode(startApp({ dataFolder: join(root, 'data'), kind: 'headless', viewOnly: false }))).toBe(
    'folder-in-use',
  );
  await Promise.all([first.close(), first.close()]);
  await start();
});

it('shuts the worker down although a repository cannot be used any more', async () => {
  const repository = join(root, 'repository');
  mkdirSync(repository);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=Person', '-c', 'user.email=person@example.invalid', ...args], {
      cwd: repository,
    });
  git('init', '--quiet', '--initial-branch=main');
  git('commit', '--quiet', '--allow-empty', '-m', 'Begin');
  const first = await start();
  const project = await first.openProject(repository);
  const spawn = (started: App): Promise<unknown> => {
    const context = { connectionId: 'test', correlationId: 'test', signal: new AbortController().signal };
    return started.handlers['lane.spawn']({ projectId: project.id, agent: 'demo' as never, count: 2 }, context);
  };
  await spawn(first);
  await first.close();
  renameSync(repository, `${repository}-moved`);

  const second = await start();
  expect(await refusalCode(spawn(second))).toBe('unavailable');
  const ended = await waitFor(
    () =>
      call(second, 'host.shutdownWorker').catch((error: unknown) => expect(error).toMatchObject({ retryable: true })),
    'the shutdown',
  );
  expect(ended).toEqual({ runsEnded: 0 });
});
