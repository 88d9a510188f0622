import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleRepository } from './sample-repository.ts';
import { sampleGates, sampleTasks } from './sample-tasks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-sample-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the sample', () => {
  it('is a repository with one commit whose own checks pass', async () => {
    const path = await makeSampleRepository(folder);
    expect(execFileSync('git', ['log', '--format=%s'], { cwd: path, encoding: 'utf8' })).toBe(
      'Start the parcel library\n',
    );
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: path, encoding: 'utf8' })).toBe('');
    expect(execFileSync(process.execPath, ['check.mjs'], { cwd: path, encoding: 'utf8' })).toContain('ok ');
  });

  it('is made anew each time and leaves the earlier one alone', async () => {
    expect(await makeSampleRepository(folder)).not.toBe(await makeSampleRepository(folder));
  });

  it('has eight tasks that depend only on tasks before them, two of which touch the same file', () => {
    expect(sampleTasks).toHaveLength(8);
    const seen = new Set<string>();
    for (const task of sampleTasks) {
      for (const key of task.dependsOn) expect(seen).toContain(key);
      seen.add(task.key);
    }
    expect(sampleTasks.filter((task) => task.paths.includes('src/surcharges.js'))).toHaveLength(2);
    expect(sampleGates.length).toBeGreaterThan(0);
  });
});
