/** The commands that look into replicas: logs, a command in one, a load on all. */
import { GantryError } from '#shared/contract/error.ts';
import type { LoadTest, ServiceView } from '#shared/contract/service-views.ts';
import { type CommandContext, type Outcome, serviceOf } from './command-context.ts';
import { print } from './print.ts';
import { readDuration } from './quantity-text.ts';
import { titleOf } from './service-commands.ts';
import { watchMap } from './watched-map.ts';

const tailLinesDefault = 200;

/** `gantry service logs`. */
export async function logs(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal, interrupted } = context;
  const service = await serviceOf(context);
  const sinceMs = sinceOf(args.text('since'), Date.now());
  const tailLines = wholeNumber(args.text('tail') ?? String(sinceMs === null ? tailLinesDefault : 100_000), '--tail');
  const follow = args.isGiven('follow');
  const isJson = args.isGiven('json');
  const input = {
    serviceId: service.id,
    containerId: null,
    tailLines,
    sinceMs,
    follow,
    search: args.text('search') ?? '',
  };
  return new Promise((resolve, reject) => {
    const reading = client.read('service.logs', input, {
      items(lines) {
        for (const line of lines) terminal.result(isJson ? JSON.stringify(line) : `${line.replica} | ${line.text}`);
      },
      end: () => resolve('done'),
      error: reject,
    });
    const stop = (): void => {
      reading.dispose();
      // Following ends in no other way.
      resolve(follow ? 'done' : 'interrupted');
    };
    interrupted.addEventListener('abort', stop, { once: true });
    if (interrupted.aborted) stop();
  });
}

/** `gantry service exec`: runs a command in one replica; its exit code is the answer, in `exitCode`. */
export async function exec(context: CommandContext): Promise<Outcome | { exitCode: number }> {
  const { client, args, terminal, interrupted } = context;
  const service = await serviceOf(context);
  const replica = chosenReplica(service, args.text('replica'));
  if (args.rest.length === 0) {
    throw new GantryError('invalid-input', `Say what to run: gantry service exec ${service.name} -- COMMAND.`);
  }
  const { execId } = await client.call('exec.open', {
    serviceId: service.id,
    containerId: replica.containerId,
    command: [...args.rest],
    columns: process.stdout.columns ?? 80,
    rows: process.stdout.rows ?? 24,
    // What goes to a file or another command is to arrive as it was written.
    isTerminal: terminal.isColoured,
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const reading = client.read(
      'exec.output',
      { execId },
      {
        items(items) {
          for (const item of items) {
            if ('exitCode' in item) resolve(item.exitCode);
            else terminal.write(Buffer.from(item.bytes, 'base64'));
          }
        },
        end: () => resolve(null),
        error: reject,
      },
    );
    interrupted.addEventListener('abort', () => (reading.dispose(), resolve(130)), { once: true });
  });
  if (exitCode === null) throw new GantryError('unavailable', 'The command ended and left no exit code.');
  return { exitCode };
}

/** `gantry service prove`: a constant load; done only if not one request failed. */
export async function prove(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal, interrupted } = context;
  const service = await serviceOf(context);
  const forMs = readDuration(args.text('for') ?? '30s');
  if (forMs === null || forMs < 1_000) {
    throw new GantryError('invalid-input', `--for takes a time of at least 1s, not "${args.text('for')}".`);
  }
  const started = await client.call('load.start', {
    serviceId: service.id,
    requestsPerSecond: wholeNumber(args.text('rate') ?? '200', '--rate'),
    forMs,
    path: args.text('path') ?? '/',
  });
  terminal.progress(`${started.requestsPerSecond} requests a second to ${started.url} …`);
  const loads = await watchMap(client, 'load.watch', { projectId: service.projectId });
  try {
    const ended = await new Promise<LoadTest | null>((resolve) => {
      let saidAtMs = Date.now();
      const look = (): void => {
        const load = loads.values.get(started.id);
        if (load === undefined) return;
        if (load.state === 'ended') resolve(load);
        else if (Date.now() - saidAtMs > 5_000) {
          saidAtMs = Date.now();
          terminal.progress(`${load.sent} sent, ${load.failed} failed`);
        }
      };
      loads.onDidChange(look);
      interrupted.addEventListener('abort', () => resolve(null), { once: true });
      look();
    });
    if (ended === null) {
      await client.call('load.stop', { loadId: started.id });
      return 'interrupted';
    }
    print(terminal, args.isGiven('json'), ended, () => [
      `${titleOf(service)}: ${ended.sent} requests, ${ended.failed} failed, p50 ${msText(ended.p50Ms)}, p99 ${msText(ended.p99Ms)}.`,
      ...ended.failures.map(({ cause, count }) => `  ${count} × ${cause}`),
    ]);
    return ended.failed === 0 && ended.sent > 0 ? 'done' : 'refused';
  } finally {
    loads.dispose();
  }
}

/** A time as `10m` ago or as ISO says it; null for none. */
export function sinceOf(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  const agoMs = readDuration(text);
  if (agoMs !== null) return nowMs - agoMs;
  const atMs = Date.parse(text);
  if (Number.isFinite(atMs)) return atMs;
  throw new GantryError('invalid-input', `--since takes a time such as 10m or 2026-01-31T12:00:00Z, not "${text}".`);
}

function chosenReplica(service: ServiceView, wanted: string | null): ServiceView['replicas'][number] {
  const running = service.replicas.filter(({ state }) => !['ended', 'failed', 'kept'].includes(state));
  const found =
    wanted === null
      ? (running.find(({ state }) => state === 'healthy') ?? running[0])
      : service.replicas.find((each) => each.name === wanted || each.containerName === wanted);
  if (found !== undefined) return found;
  throw new GantryError(
    'not-found',
    wanted === null
      ? `No replica of ${titleOf(service)} runs.`
      : `${titleOf(service)} has no replica "${wanted}". There are ${service.replicas.map(({ name }) => name).join(', ')}.`,
  );
}

function wholeNumber(text: string, option: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new GantryError('invalid-input', `${option} takes a whole number, not "${text}".`);
}

function msText(ms: number | null): string {
  return ms === null ? 'unknown' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
