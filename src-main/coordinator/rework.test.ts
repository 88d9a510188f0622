import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentScript } from './drive/scripted-worker.fixture.ts';
import { scriptedWorkshop } from './scripted-workshop.fixture.ts';
import { ok } from './workshop.fixture.ts';

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
    const { shop, worker } = await scriptedWorkshop(script, { files: { 'shared.txt': 'before\n' } });
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
    const { shop } = await scriptedWorkshop(script, { rework: 'restart', files: { 'shared.txt': 'before\n' } });
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
    const { shop } = await scriptedWorkshop(script, { rework: 'restart', files: { 'shared.txt': 'before\n' } });
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
    const { shop, worker } = await scriptedWorkshop(script, { gates: [gate] });
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
    const { shop } = await scriptedWorkshop(script);
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
