import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { laneEnvironment } from './lane-environment.ts';
import { sampleProject, sampleTask, sampleWorkspace, workingLane } from './sample.fixture.ts';

it('lets an agent commit and tag although the person signs everything, and leaves their settings alone', () => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-lane-environment-'));
  try {
    const settings = join(root, 'gitconfig');
    // A signing program that fails stands for one that waits for a passphrase.
    const signsAll = '[commit]\n\tgpgSign = true\n[tag]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n';
    writeFileSync(settings, signsAll);
    const { lane, task } = workingLane(1, sampleTask('a'));
    const facts = { project: sampleProject, lane, task, workspace: sampleWorkspace, temporaryFolder: root };
    const env = { ...process.env, ...laneEnvironment(facts), GIT_CONFIG_GLOBAL: settings };
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, env, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'Begin');
    git('tag', '-m', 'First', 'v1');
    expect(git('log', '--format=%an %G?')).toBe('Gantry lane 1 N');
    expect(readFileSync(settings, 'utf8')).toBe(signsAll);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
