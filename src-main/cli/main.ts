/** `gantry`: the command line. Everything it does goes through the contract. */
import { resolve } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import { defaultDataFolder } from '../platform/data-folder.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { connectHost } from './host-connection.ts';
import { cluster, lanes, rollback, shutdownThroughHost, status, tasks, timeline, undo } from './list-commands.ts';
import { run, summaryLines, type Terminal } from './run-command.ts';
import { usage } from './usage.ts';

const exitCodes = { ok: 0, refused: 1, usage: 2, interrupted: 130 } as const;

/** Progress goes to standard error, so that standard output is only what a script reads. */
const terminal: Terminal = {
  progress: (line) => process.stderr.write(`${line}\n`),
  result: (line) => process.stdout.write(`${line}\n`),
};

async function main(): Promise<number> {
  const read = readArguments(process.argv.slice(2));
  if (!read.ok) {
    terminal.progress(`${read.error}\n\n${usage}`);
    return exitCodes.usage;
  }
  const args = read.value;
  if (args.command === 'help') {
    terminal.result(usage);
    return exitCodes.ok;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

  const host = await connectHost(resolve(args.home ?? defaultDataFolder()));
  try {
    return await dispatch(args, host.client, interrupted.signal);
  } finally {
    await host.close();
  }
}

async function dispatch(args: Arguments, client: Parameters<typeof run>[0], interrupted: AbortSignal): Promise<number> {
  switch (args.command) {
    case 'run': {
      const summary = await run(client, args, terminal, interrupted);
      if (summary === null) {
        terminal.progress('Stopped. Everything is kept; the same command goes on from here.');
        return exitCodes.interrupted;
      }
      if (args.json) terminal.result(JSON.stringify(summary));
      else for (const line of summaryLines(summary)) terminal.result(line);
      return summary.ok ? exitCodes.ok : exitCodes.refused;
    }
    case 'status':
      await status(client, args, terminal);
      return exitCodes.ok;
    case 'tasks':
      await tasks(client, args, terminal);
      return exitCodes.ok;
    case 'lanes':
      await lanes(client, args, terminal);
      return exitCodes.ok;
    case 'cluster':
      await cluster(client, args, terminal);
      return exitCodes.ok;
    case 'timeline':
      await timeline(client, args, terminal);
      return exitCodes.ok;
    case 'rollback':
      await rollback(client, args, terminal);
      return exitCodes.ok;
    case 'undo':
      await undo(client, args, terminal);
      return exitCodes.ok;
    case 'shutdown': {
      const runsEnded = await shutdownThroughHost(client);
      terminal.result(
        args.json ? JSON.stringify({ runsEnded }) : `The worker is ended, with ${runsEnded} agents that ran.`,
      );
      return exitCodes.ok;
    }
    case 'help':
      return exitCodes.ok;
  }
}

process.exitCode = await main().catch((error: unknown) => {
  terminal.progress(
    error instanceof GantryError
      ? error.message
      : `Gantry broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.refused;
});
