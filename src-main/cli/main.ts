/** `gantry`: the command line. Everything it does goes through the contract. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { GantryError } from '#shared/contract/error.ts';
import { systemClock } from '../platform/clock.ts';
import { defaultDataFolder } from '../platform/data-folder.ts';
import { shutdownWorker } from '../worker-client/shutdown-worker.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { commandHelp } from './command-table.ts';
import { connectHost, findHost } from './host-connection.ts';
import { cluster, lanes, rollback, status, tasks, timeline, undo } from './list-commands.ts';
import type { AskingTerminal } from './command-context.ts';
import { completionScript, type Shell, shells } from './completion.ts';
import { run, summaryLines } from './run-command.ts';
import { runServiceCommand } from './run-service-command.ts';
import { isServiceCommand, readServiceArguments } from './service-arguments.ts';
import { usage } from './usage.ts';

const exitCodes = { ok: 0, refused: 1, usage: 2, interrupted: 130 } as const;

/** Progress goes to standard error, so that standard output is only what a script reads. */
const terminal: AskingTerminal = {
  // Undefined, whatever its type says, where it is no terminal.
  isInteractive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  isColoured: Boolean(process.stdout.isTTY && process.stdout.hasColors()),
  progress: (line) => process.stderr.write(`${line}\n`),
  result: (line) => process.stdout.write(`${line}\n`),
  write: (bytes) => process.stdout.write(bytes),
  readInput: () => buffer(process.stdin),
  async ask(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(question)).trim());
    } finally {
      lines.close();
    }
  },
};

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv[0] === 'completion') return printCompletion(argv[1]);
  if (isServiceCommand(argv[0])) return serviceCommand(argv);
  const read = readArguments(argv);
  if (!read.ok) {
    terminal.progress(`${read.error}\n\n${usage}`);
    return exitCodes.usage;
  }
  const args = read.value;
  if (args.command === 'help') {
    terminal.result(usage);
    return exitCodes.ok;
  }
  const home = resolve(args.home ?? defaultDataFolder());
  if (args.command === 'shutdown' && findHost(home) === null) return shutdownWithoutHost(home, args.json);
  const interrupted = interruption();
  const host = await connectHost(home, { viewOnly: args.command !== 'run' });
  try {
    return await dispatch(args, host.client, interrupted);
  } finally {
    await host.close();
  }
}

/** A command about services. */
async function serviceCommand(argv: readonly string[]): Promise<number> {
  const read = readServiceArguments(argv);
  if (!read.ok) {
    terminal.progress(`${read.error}\n"gantry help" lists all commands.`);
    return exitCodes.usage;
  }
  const args = read.value;
  if ('helpAbout' in args) {
    for (const line of commandHelp(args.helpAbout)) terminal.result(line);
    return exitCodes.ok;
  }
  const home = resolve(args.text('home') ?? defaultDataFolder());
  const interrupted = interruption();
  const host = await connectHost(home, { viewOnly: args.shape.isLook === true, withoutAgents: true });
  try {
    const { client, owned } = host;
    const outcome = await runServiceCommand({ client, args, terminal, interrupted, ownsHost: owned });
    if (typeof outcome === 'object') return outcome.exitCode;
    return { done: exitCodes.ok, refused: exitCodes.refused, interrupted: exitCodes.interrupted }[outcome];
  } finally {
    await host.close();
  }
}

function printCompletion(shell: string | undefined): number {
  if (shells.includes(shell as Shell)) {
    terminal.result(completionScript(shell as Shell));
    return exitCodes.ok;
  }
  terminal.progress(`Say for which shell: gantry completion ${shells.join('|')}.`);
  return exitCodes.usage;
}

/** Aborted by Ctrl-C. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  return interrupted.signal;
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
    case 'shutdown':
      reportShutdown((await client.call('host.shutdownWorker', {})).runsEnded, args.json);
      return exitCodes.ok;
    case 'help':
      return exitCodes.ok;
  }
}

async function shutdownWithoutHost(home: string, json: boolean): Promise<number> {
  const ended = await shutdownWorker(home, systemClock);
  if (!ended.ok) throw new GantryError('worker-unavailable', `The worker could not be ended: ${ended.error}`);
  if (ended.value === null && !json) terminal.result('No worker runs. Nothing had to be ended.');
  else reportShutdown(ended.value?.runsEnded ?? 0, json);
  return exitCodes.ok;
}

function reportShutdown(runsEnded: number, json: boolean): void {
  const agents = runsEnded === 1 ? '1 agent' : `${runsEnded} agents`;
  terminal.result(
    json ? JSON.stringify({ runsEnded }) : `The worker is ended, and ${agents} with it. Their work is kept.`,
  );
}

process.exitCode = await main().catch((error: unknown) => {
  terminal.progress(
    error instanceof GantryError
      ? error.message
      : `Gantry broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.refused;
});
