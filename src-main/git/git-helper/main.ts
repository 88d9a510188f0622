/**
 * The git helper: starts git for the app, which would have to copy the page tables of its whole
 * memory for each start (ADR 0006). Reads requests from standard input and writes results to
 * standard output. Its environment is that of the commands.
 *
 * It ends when standard input does, that is with the app, also one that was killed: commands
 * that run then are left to finish, because one that is killed would leave its lock files.
 */
import { FrameReader, writeFrame } from './frames.ts';
import type { GitRequest, GitResult } from './protocol.ts';
import { runCommand } from './run-command.ts';

const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
);

async function perform(request: GitRequest, input: string): Promise<void> {
  const { ending, stdout } = await runCommand(request, input, { ...environment, ...request.env });
  const result: GitResult = { id: request.id, ending };
  writeFrame(process.stdout, result, stdout);
}

const reader = new FrameReader<GitRequest>((request, body) => void perform(request, body.toString()));
process.stdin.on('data', (chunk: Buffer) => reader.push(chunk));
// Nobody is left to tell; the end of the input, which comes with it, is what ends this program.
for (const pipe of [process.stdin, process.stdout]) pipe.on('error', () => undefined);
