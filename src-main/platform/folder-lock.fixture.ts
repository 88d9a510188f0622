/** A process of its own that tries to lock a folder: prints the outcome as JSON, holds it until its input ends. */
import { lockFolder } from './folder-lock.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: folder-lock.fixture.ts FOLDER');
const outcome = lockFolder(folder);
process.stdout.write(`${JSON.stringify(outcome.ok ? { held: true } : { held: false, by: outcome.error })}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  if (outcome.ok) outcome.value.dispose();
});
