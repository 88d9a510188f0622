import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentRef } from '#shared/model/agent.ts';
import { type AgentScript, ScriptedWorker } from './drive/scripted-worker.fixture.ts';
import { anyAgent, ok, refusalCode, Workshop, type WorkshopOptions } from './workshop.fixture.ts';

const open: Workshop[] = [];
afterEach(async () => {
  for (const workshop of open.splice(0)) await workshop.dispose();
});

async function workshop(script: AgentScript, options: Omit<WorkshopOptions, 'worker'> = {}) {
  const worker = new ScriptedWorker(script);
  const opened = new Workshop({ worker, ...options });
  open.push(opened);
  await opened.open();
  return { shop: opened, worker };
}

/** Writes a file named after the task. */
const writesOwnFile: AgentScript = ({ spec }) => {
  writeFileSync(join(spec.cwd, `${spec.env['GANTRY_TASK_ID']}.txt`), 'work\n');
  return Promise.resolve(ok());
};

/** Never ends until it is stopped. */
const worksForEver: AgentScript = ({ spec, signal }) => {
  writeFileSync(join(spec.cwd, 'unfinished.txt'), 'half\n');
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
};

describe('a plan', () => {
  it('is worked off in the order of its dependencies, every task merged exactly once', async () => {
    const { shop, worker } = await workshop(writesOwnFile);
    await shop.addTasks(
      { key: 'c', dependsOn: ['a', 'b'] },
      { key: 'a' },
      { key: 'b', dependsOn: ['a'] },
      { key: 'd' },
    );
    await shop.spawn(2);
    await shop.untilAllMerged();
    const log = shop.log();
    expect(log.toSorted()).toEqual(
      ['Begin', ...['a', 'b', 'c', 'd'].map((key) => `Merge ${key}: Task ${key}`)].toSorted(),
    );
    expect(log.indexOf('Merge c: Task c')).toBeLessThan(log.indexOf('Merge b: Task b'));
    expect(log.indexOf('Merge b: Task b')).toBeLessThan(log.indexOf('Merge a: Task a'));
    // The person's checkout followed and is clean; no worktree is left.
    expect(shop.git('status', '--porcelain')).toBe('');
    expect(existsSync(join(shop.repository, 'c.txt'))).toBe(true);
    await shop.until('lanes are cleaned up', () => shop.git('worktree', 'list').split('\n').length === 1);
    await shop.until('their branches are gone', () => shop.git('branch', '--list', 'gantry/*') === '');
    expect(worker.started).toHaveLength(4);
    expect(shop.view().counts).toMatchObject({ tasks: 4, tasksMerged: 4, mergeQueue: 0, lanesLive: 0 });
    expect(shop.coordinator.views.checkpoints(shop.projectId)).toHaveLength(5);
  });

  it('gives each lane its own ports, identity and environment', async () => {
    const { shop, worker } = await workshop(writesOwnFile);
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    await shop.untilAllMerged();
    const [first, second] = worker.started;
    expect(first?.env['PORT']).not.toBe(second?.env['PORT']);
    expect(first?.cwd).not.toBe(second?.cwd);
    expect(worker.started.find((spec) => spec.env['GANTRY_TASK_ID'] === 'a')?.prompt).toContain('Task a: Task a');
    expect(shop.git('log', '--format=%an', '--no-merges', '--author=lane')).toContain('Gantry lane 2');
  });

  it('numbers tasks that are added at the same time', async () => {
    const { shop } = await workshop(writesOwnFile);
    const task = {
      title: 'One',
      prompt: 'p',
      dependsOn: [],
      priority: 3,
      phase: '',
      paths: [],
      agent: null,
      gate: null,
    };
    const { tasks } = shop.coordinator;
    await Promise.all([1, 2, 3].map(() => tasks.add(shop.projectId, [task, task])));
    expect(shop.taskStates()).toEqual([1, 2, 3, 4, 5, 6].map((number) => `T-${number} open`));
  });

  it('is loaded once, however often it is loaded', async () => {
    const { shop } = await workshop(writesOwnFile);
    const plan = 'tasks: [{id: a, title: A, prompt: p}, {id: b, title: B, prompt: p, dependsOn: [a]}]';
    const { tasks } = shop.coordinator;
    expect((await tasks.loadPlan(shop.projectId, 'plan.yaml', plan)).added).toHaveLength(2);
    expect(await tasks.loadPlan(shop.projectId, 'plan.yaml', plan)).toMatchObject({ added: [], kept: [{}, {}] });
    const cycle = 'tasks: [{id: x, title: X, prompt: p, dependsOn: [x]}]';
    expect(await refusalCode(tasks.loadPlan(shop.projectId, 'plan.yaml', cycle))).toBe('dependency-cycle');
  });
});

describe('work that comes back', () => {
  it('is reworked amid the conflict by an agent that goes on', async () => {
    const script: AgentScript = ({ spec }) => {
      const file = join(spec.cwd, 'shared.txt');
      const isRework = spec.prompt.includes('could not be merged');
      // Resolves by keeping both sides, as the markers show them.
      if (isRework) writeFileSync(file, readFileSync(file, 'utf8').replace(/^(<{7}|={7}|>{7}).*\n/gm, ''));
      else writeFileSync(file, `${spec.env['GANTRY_TASK_ID']}\n`);
      return Promise.resolve(ok());
    };
    const { shop, worker } = await workshop(script, { files: { 'shared.txt': 'before\n' } });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    await shop.untilAllMerged();
    expect(readFileSync(join(shop.repository, 'shared.txt'), 'utf8').trim().split('\n').toSorted()).toEqual(['a', 'b']);
    expect(shop.log()).toHaveLength(3);
    const rework = worker.started.find((spec) => spec.prompt.includes('could not be merged'));
    expect(rework?.prompt).toContain('shared.txt');
    expect(rework?.prompt).toContain('<<<<<<<');
    expect(
      shop.coordinator.views
        .lanes(shop.projectId)
        .map((lane) => lane.reworks)
        .toSorted(),
    ).toEqual([0, 1]);
  });

  it('is done afresh on the newest target by an agent that cannot go on', async () => {
    const script: AgentScript = ({ spec }) => {
      appendFileSync(join(spec.cwd, 'shared.txt'), `${spec.env['GANTRY_TASK_ID']}\n`);
      return Promise.resolve(ok());
    };
    const { shop } = await workshop(script, { rework: 'restart', files: { 'shared.txt': 'before\n' } });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    await shop.untilAllMerged();
    const lines = readFileSync(join(shop.repository, 'shared.txt'), 'utf8').trim().split('\n');
    expect(lines.toSorted()).toEqual(['a', 'b', 'before']);
  });

  it('comes back once to each of many tasks on the same lines, not each time another lands', async () => {
    const script: AgentScript = ({ spec }) => {
      appendFileSync(join(spec.cwd, 'shared.txt'), `${spec.env['GANTRY_TASK_ID']}\n`);
      return Promise.resolve(ok());
    };
    const { shop } = await workshop(script, { rework: 'restart', files: { 'shared.txt': 'before\n' } });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await shop.addTasks(...keys.map((key) => ({ key })));
    await shop.spawn(keys.length);
    await shop.untilAllMerged();
    const lines = readFileSync(join(shop.repository, 'shared.txt'), 'utf8').trim().split('\n');
    expect(lines.toSorted()).toEqual([...keys, 'before'].toSorted());
    for (const lane of shop.coordinator.views.lanes(shop.projectId)) expect(lane.reworks).toBeLessThanOrEqual(2);
  });

  it('is repaired after a failed gate, with the evidence kept', async () => {
    const script: AgentScript = ({ spec }) => {
      const isRework = spec.prompt.includes('the gate "check"');
      writeFileSync(join(spec.cwd, 'result.txt'), isRework ? 'good\n' : 'bad\n');
      return Promise.resolve(ok());
    };
    const gate = { name: 'check', command: 'cat result.txt; grep -q good result.txt', timeoutMs: 20_000 };
    const { shop, worker } = await workshop(script, { gates: [gate] });
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(worker.started[1]?.prompt).toContain('bad');
    const [lane] = shop.coordinator.views.lanes(shop.projectId);
    const { merges } = shop.coordinator.lanes.gates(lane?.id as never);
    expect(merges.map((merge) => merge.gates.map((result) => [result.state, result.exitCode]))).toEqual([
      [['failed', 1]],
      [['passed', 0]],
    ]);
  });

  it('waits for the person after enough tries, and is tried again when they ask', async () => {
    let isFixed = false;
    const script: AgentScript = ({ spec }) => {
      writeFileSync(join(spec.cwd, 'result.txt'), isFixed ? 'good\n' : `bad ${Math.random()}\n`);
      return Promise.resolve(ok());
    };
    const { shop } = await workshop(script);
    await shop.coordinator.projects.configure(shop.projectId, { reworksMax: 1 });
    const [taskId] = await shop.addTasks({ key: 'a', gate: 'grep -q good result.txt' });
    await shop.spawn(1);
    await shop.until('the task has failed', () => shop.taskStates()[0] === 'a failed');
    const failed = shop.coordinator.views.lanes(shop.projectId).find((lane) => lane.status === 'failed');
    expect(failed?.step).toBe('Gate failed: task. It ended with exit code 1. It was given back once.');
    expect(failed?.can.retry).toBe(true);
    expect(shop.log()).toEqual(['Begin']);
    isFixed = true;
    await shop.coordinator.lanes.retry(failed?.id as never);
    await shop.untilAllMerged();
    expect(taskId).toBeDefined();
  });
});

describe('failures', () => {
  it('are tried again a few times, then wait for the person', async () => {
    const { shop, worker } = await workshop(() => Promise.reject(new Error('boom')));
    await shop.coordinator.projects.configure(shop.projectId, { attemptsMax: 2 });
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the task has failed', () => shop.taskStates()[0] === 'a failed');
    expect(worker.started).toHaveLength(2);
    const views = shop.coordinator.views.lanes(shop.projectId);
    expect(views.map((lane) => lane.status)).toEqual(['stopped', 'failed']);
    expect(shop.coordinator.views.tasks(shop.projectId)[0]).toMatchObject({ shown: 'failed', note: 'Error: boom' });
  });

  it('of an agent that changes nothing are failures', async () => {
    const { shop } = await workshop(() => Promise.resolve(ok()));
    await shop.coordinator.projects.configure(shop.projectId, { attemptsMax: 1 });
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the task has failed', () => shop.taskStates()[0] === 'a failed');
    expect(shop.coordinator.views.tasks(shop.projectId)[0]?.note).toBe('The agent ended without changing anything.');
  });

  it('that were not the lane’s make it go on in its worktree', async () => {
    let runs = 0;
    const script: AgentScript = ({ spec }) => {
      runs += 1;
      if (runs > 1) return Promise.resolve(ok());
      writeFileSync(join(spec.cwd, 'a.txt'), 'kept\n');
      return Promise.resolve({
        kind: 'failed',
        reason: 'lost',
        detail: 'The worker went away.',
        exitCode: null,
        signal: null,
      });
    };
    const { shop, worker } = await workshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(worker.started[0]?.cwd).toBe(worker.started[1]?.cwd);
    expect(worker.started[1]?.prompt).toContain('An earlier run of this task ended');
    expect(shop.coordinator.views.lanes(shop.projectId)).toHaveLength(1);
  });
});

describe('the person', () => {
  it('stops a lane: its work is saved, its task open again, its agent not replaced', async () => {
    const { shop } = await workshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    const lane = shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('it has written', () => existsSync(join(lane?.workspace?.worktree ?? '', 'unfinished.txt')));
    await shop.coordinator.lanes.stop(lane?.id as never);
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
    expect(shop.taskStates()).toEqual(['a open']);
    expect(shop.view().fleet).toEqual([]);
    const saved = shop.git('for-each-ref', '--format=%(refname)', 'refs/gantry/saved').split('\n');
    expect(shop.git('show', `${saved[0]}:unfinished.txt`)).toBe('half');

    const ended = () => shop.coordinator.views.lanes(shop.projectId).find((each) => each.id === lane?.id);
    const step = `Stopped by you. Its work is in \`${saved[0]}\`.`;
    await shop.until('the lane says where its work is', () => ended()?.step === step);
    const diff = () => shop.coordinator.lanes.diff(lane?.id as never);
    expect((await diff()).files.map((file) => file.path)).toEqual(['unfinished.txt']);
    await shop.reopenStore();
    await shop.open();
    expect(ended()?.step).toBe(step);
    expect((await diff()).files.map((file) => file.path)).toEqual(['unfinished.txt']);
  });

  it('wakes a worker that was shut down by spawning, not by taking agents away', async () => {
    const { shop, worker } = await workshop(worksForEver);
    await shop.coordinator.lanes.setFleet(shop.projectId, anyAgent, 0);
    expect(worker.wakes).toBe(0);
    await shop.spawn(1);
    expect(worker.wakes).toBe(1);
  });

  it('spawns as often as they click, also twice at once', async () => {
    const { shop } = await workshop(worksForEver);
    await Promise.all([shop.spawn(1), shop.spawn(2), shop.spawn(1)]);
    expect(shop.view().fleet).toEqual([{ agent: anyAgent, count: 4 }]);
  });

  it('hands a task over to another kind of agent', async () => {
    const other = 'codex' as AgentRef;
    const script: AgentScript = (run) => (run.spec.agent === other ? writesOwnFile(run) : worksForEver(run));
    const { shop, worker } = await workshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.coordinator.lanes.handOver(shop.coordinator.views.lanes(shop.projectId)[0]?.id as never, other);
    await shop.untilAllMerged();
    expect(worker.started.map((spec) => spec.agent)).toEqual([anyAgent, other]);
    expect(shop.view().fleet).toEqual([{ agent: other, count: 1 }]);
  });

  it('cancels a task: its lane ends by itself', async () => {
    const { shop } = await workshop(worksForEver);
    const [taskId] = await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.coordinator.tasks.cancel(taskId as never);
    await shop.until('the lane has ended', () => shop.view().counts.lanesLive === 0);
    expect(shop.coordinator.views.lanes(shop.projectId)[0]?.end).toEqual({
      kind: 'stopped',
      reason: 'Its task was cancelled.',
    });
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
  });

  it('answers, pauses and writes to the agent that runs', async () => {
    const script: AgentScript = ({ say, signal }) => {
      say({ type: 'permission', requestId: 'q', title: 'Wants to install', command: 'npm i', options: [] });
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
    };
    const { shop, worker } = await workshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane asks', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'waiting');
    const [lane] = shop.coordinator.views.lanes(shop.projectId);
    const laneId = lane?.id as never;
    expect(lane?.ask?.command).toBe('npm i');
    expect(shop.coordinator.views.tasks(shop.projectId)[0]?.shown).toBe('waiting');
    expect(shop.view().counts.lanesWaiting).toBe(1);
    await shop.coordinator.lanes.answer(laneId, 'q', 'yes', false);
    await shop.coordinator.lanes.message(laneId, 'hello');
    await shop.coordinator.lanes.pause(laneId);
    expect(worker.asked.map((line) => line.replace(/run-\S+/, 'RUN'))).toEqual([
      'answer RUN q yes',
      'message RUN hello',
      'pause RUN',
    ]);
  });

  it('lets finished work wait while auto-merge is off, and lands what they choose', async () => {
    const { shop } = await workshop(writesOwnFile);
    await shop.coordinator.projects.configure(shop.projectId, { autoMerge: false });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    const ready = () => shop.coordinator.views.lanes(shop.projectId).filter((lane) => lane.status === 'ready-to-merge');
    await shop.until('both are ready', () => ready().length === 2);
    expect(ready()[1]?.can.merge).toBe(true);
    await shop.coordinator.lanes.merge(ready()[1]?.id as never);
    await shop.until('b has landed', () => shop.taskStates().join() === 'a submitted,b merged');
    expect(shop.log()).toHaveLength(2);
  });

  it('keeps working in a checkout that is not clean: merges land beside, and are brought in', async () => {
    const { shop } = await workshop(writesOwnFile);
    writeFileSync(join(shop.repository, 'README.md'), 'my own change\n');
    await shop.addTasks({ key: 'a' }, { key: 'b', dependsOn: ['a'] });
    await shop.spawn(1);
    await shop.untilAllMerged();
    expect(shop.log('main')).toEqual(['Begin']);
    expect(readFileSync(join(shop.repository, 'README.md'), 'utf8')).toBe('my own change\n');
    await shop.until('the detour shows', () => shop.view().detour?.aheadBy === 2);
    expect(await refusalCode(shop.coordinator.projects.bringIn(shop.projectId))).toBe('wrong-state');
    shop.git('checkout', '--', 'README.md');
    await shop.coordinator.projects.bringIn(shop.projectId);
    expect(shop.log('main')).toHaveLength(3);
    expect(shop.view().detour).toBeNull();
  });
});

describe('a new coordinator on the same state', () => {
  it('adopts the runs of the last one', async () => {
    let finish = (): void => undefined;
    const script: AgentScript = async (run) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writesOwnFile(run);
    };
    const { shop, worker } = await workshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.reopenStore();
    await shop.open();
    expect(shop.coordinator.views.lanes(shop.projectId)[0]?.status).toBe('running');
    finish();
    await shop.untilAllMerged();
    expect(worker.started).toHaveLength(1);
    expect(shop.log()).toEqual(['Merge a: Task a', 'Begin']);
  });

  it('finds work that finished while nobody was there', async () => {
    let finish = (): void => undefined;
    const script: AgentScript = async (run) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return writesOwnFile(run);
    };
    const { shop } = await workshop(script);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.until('the lane runs', () => shop.coordinator.views.lanes(shop.projectId)[0]?.status === 'running');
    await shop.reopenStore();
    finish();
    await shop.open();
    await shop.untilAllMerged();
  });
});

describe('what is shown', () => {
  it('foresees which lanes will collide, from work that is not committed', async () => {
    const script: AgentScript = ({ spec, say, signal }) => {
      writeFileSync(join(spec.cwd, 'shared.txt'), `${spec.env['GANTRY_TASK_ID']}\n`);
      say({ type: 'file-change', path: 'shared.txt', kind: 'update' });
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
    };
    const { shop } = await workshop(script, { files: { 'shared.txt': 'before\n' } });
    await shop.addTasks({ key: 'a' }, { key: 'b' });
    await shop.spawn(2);
    const views = () => shop.coordinator.views.lanes(shop.projectId);
    await shop.until('both know', () => views().length === 2 && views().every((lane) => lane.collisions.length === 1));
    expect(views()[0]).toMatchObject({
      collisions: [{ laneNumber: 2, path: 'shared.txt' }],
      changes: { files: 1, added: 1, removed: 1 },
      step: 'Edited shared.txt',
    });
    const diff = await shop.coordinator.lanes.diff(views()[0]?.id as never);
    expect(diff.files).toMatchObject([{ path: 'shared.txt', collides: true, added: 1, removed: 1 }]);
  });

  it('is the diff of what was merged, also after the lane is gone', async () => {
    const { shop } = await workshop(writesOwnFile);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    await shop.untilAllMerged();
    await shop.until('nothing is left', () => shop.git('worktree', 'list').split('\n').length === 1);
    const diff = await shop.coordinator.lanes.diff(shop.coordinator.views.lanes(shop.projectId)[0]?.id as never);
    expect(diff.files.map((file) => file.path)).toEqual(['a.txt']);
  });

  it('is stale while the worker is away, and nothing is ended for it', async () => {
    const { shop, worker } = await workshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    const lane = () => shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('the lane runs', () => lane()?.status === 'running');
    worker.setConnection({ state: 'unreachable', sinceMs: 0, reason: 'The worker does not answer.' });
    expect(lane()).toMatchObject({ status: 'stale', step: 'The worker does not answer.' });
    worker.setConnection({ state: 'connected', pid: 1, sinceMs: 0 });
    expect(lane()?.status).toBe('running');
    expect(shop.taskStates()).toEqual(['a claimed']);
  });

  it('is cleaned up once the worker is back, if it ended while that was away', async () => {
    const { shop, worker } = await workshop(worksForEver);
    await shop.addTasks({ key: 'a' });
    await shop.spawn(1);
    const lane = () => shop.coordinator.views.lanes(shop.projectId)[0];
    await shop.until('the lane runs', () => lane()?.status === 'running');
    worker.setConnection({ state: 'unreachable', sinceMs: 0, reason: 'Away.' });
    await shop.coordinator.lanes.stop(lane()?.id as never);
    for (const runId of worker.reports().keys()) await worker.control(runId, 'stop');
    await shop.until('its run has ended', () =>
      [...worker.reports().values()].every((report) => report.state === 'ended'),
    );
    await shop.coordinator.idle();
    expect(shop.git('worktree', 'list').split('\n')).toHaveLength(2);
    worker.setConnection({ state: 'connected', pid: 1, sinceMs: 0 });
    await shop.until('its worktree is gone', () => shop.git('worktree', 'list').split('\n').length === 1);
  });

  it('says why a project cannot be used', async () => {
    const { shop } = await workshop(writesOwnFile);
    await shop.reopenStore();
    renameSync(shop.repository, `${shop.repository}-moved`);
    await shop.open();
    expect(shop.view().available).toBe(false);
    expect(shop.view().unavailableBecause).toContain(shop.repository);
    expect(await refusalCode(shop.spawn(1))).toBe('unavailable');
    renameSync(`${shop.repository}-moved`, shop.repository);
  });
});
