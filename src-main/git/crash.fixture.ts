/**
 * A process that is meant to be killed: goes on making lanes, writing work into them and
 * removing them. Prints each piece of work once it lies in a worktree, as `number content`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from '../app/entries.ts';
import { openGit } from './open-git.ts';
import { laneId, recordingLog } from './repository.fixture.ts';

const [dataFolder, path, first] = process.argv.slice(2);
if (!dataFolder || !path || !first) throw new Error('usage: crash.fixture.ts DATA_FOLDER REPOSITORY FIRST_NUMBER');
const opened = await openGit({
  dataFolder,
  log: recordingLog(),
  lockWaitMs: 5_000,
  helperProgram: entries.gitHelper,
}).open(path);
if (!opened.ok) throw opened.error;
const repository = opened.value;
const from = await repository.branchHead(repository.currentBranch);
if (from === null) throw new Error('no commit');
for (let number = Number(first); ; number += 1) {
  const { worktree, branch } = await repository.addLaneWorktree({
    laneId: laneId(number),
    number,
    title: 'Work',
    from,
  });
  for (const step of ['committed', 'uncommitted']) {
    const content = `${step} ${number}`;
    writeFileSync(join(worktree, `${step}.txt`), content);
    process.stdout.write(`${number} ${content}\n`);
    if (step === 'committed') await repository.commitAll(worktree, content);
  }
  // Every other lane goes on living.
  if (number % 2 === 0) await repository.removeLaneWorktree(worktree, branch, laneId(number));
}
