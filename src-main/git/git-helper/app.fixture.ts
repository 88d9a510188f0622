/**
 * A program that has one git command run and then does nothing more: it never closes its helper.
 * Prints what git printed.
 */
import { testHelper } from '../repository.fixture.ts';

const [cwd, ...args] = process.argv.slice(2);
if (!cwd || args.length === 0) throw new Error('usage: app.fixture.ts FOLDER ARGUMENT...');
const command = { cwd, args, input: null, env: {}, timeoutMs: 60_000, outputBytesMax: 1_000_000 };
const { stdout } = await testHelper().run(command);
process.stdout.write(stdout);
