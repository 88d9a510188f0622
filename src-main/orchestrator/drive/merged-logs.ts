/** The logs of a service's replicas as one stream: bounded, searched, followed, new replicas included. */
import type { ItemOf, ParsedInputOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ContainerFacts, LogLine } from '../../ports/engine.ts';
import { serviceLabel } from '../../ports/service-labels.ts';
import type { ObservedHost } from './host-fleet.ts';
import type { OrchestratorCore } from './orchestrator-core.ts';
import { valueOrThrow } from './value-or-throw.ts';

type Item = ItemOf<'service.logs'>;

const batchMax = 500;
/** How much may wait for a slow reader before the engines are held back. */
const queuedMax = 2_000;

/**
 * What was logged already comes first, in the order of its time; what follows comes as it arrives.
 * The engines are held back while the reader is behind.
 */
export async function* mergedLogs(
  core: OrchestratorCore,
  input: ParsedInputOf<'service.logs'>,
  signal: AbortSignal,
): AsyncIterable<readonly Item[]> {
  const { serviceId, containerId, tailLines, follow, search, sinceMs, after } = input;
  const needle = search.toLowerCase();
  const since = after ?? (sinceMs === null ? undefined : new Date(sinceMs).toISOString());
  const started = new Set<string>();
  const lastRead = new Map<string, string>();
  const sources = containersOf(core, serviceId, containerId);
  if (containerId !== null && sources.length === 0)
    throw new GantryError('not-found', 'This replica is gone. Choose another one.');

  const past: Item[] = [];
  for (const { host, facts } of sources) {
    const lines = valueOrThrow(
      await host.engine.logs(facts.id, { follow: false, signal, tailLines, ...(since === undefined ? {} : { since }) }),
    );
    for await (const batch of lines) {
      for (const line of batch) {
        lastRead.set(facts.id, line.timestamp);
        if (matches(line)) past.push(itemOf(facts, line));
      }
    }
  }
  past.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
  const shown = past.slice(-tailLines);
  for (let start = 0; start < shown.length; start += batchMax) yield shown.slice(start, start + batchMax);
  if (!follow) return;

  const queue: Item[] = [];
  let wake = (): void => undefined;
  let release = (): void => undefined;
  const ended = new AbortController();
  const untilAborted = AbortSignal.any([signal, ended.signal]);
  const pump = async (host: ObservedHost, facts: ContainerFacts): Promise<void> => {
    const from = lastRead.get(facts.id) ?? since;
    const lines = await host.engine.logs(facts.id, {
      follow: true,
      signal: untilAborted,
      ...(from === undefined ? {} : { since: from }),
    });
    if (!lines.ok) return;
    for await (const batch of lines.value) {
      for (const line of batch) if (matches(line)) queue.push(itemOf(facts, line));
      wake();
      while (queue.length > queuedMax && !untilAborted.aborted) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
    }
  };
  const begin = (): void => {
    for (const { host, facts } of containersOf(core, serviceId, containerId)) {
      if (started.has(facts.id)) continue;
      started.add(facts.id);
      pump(host, facts).catch((error: unknown) => {
        core.world.log.warn('a log could not be followed', { container: facts.name, error: String(error) });
      });
    }
  };
  // A replica that is made meanwhile is followed too.
  const watching = core.feed.onDidChange(({ services }) => {
    if (services.has(serviceId)) begin();
  });
  const onAbort = (): void => {
    wake();
    release();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  begin();
  try {
    while (!signal.aborted) {
      if (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      yield queue.splice(0, batchMax);
      release();
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    watching.dispose();
    ended.abort();
    release();
  }

  function matches(line: LogLine): boolean {
    return needle === '' || line.text.toLowerCase().includes(needle);
  }
}

function containersOf(core: OrchestratorCore, serviceId: ServiceId, containerId: string | null) {
  return core.fleet
    .all()
    .flatMap((host) =>
      [...host.containers.values()]
        .filter(
          (facts) =>
            facts.labels[serviceLabel.service] === serviceId &&
            facts.labels[serviceLabel.role] === 'replica' &&
            (containerId === null || facts.id === containerId),
        )
        .map((facts) => ({ host, facts })),
    );
}

function itemOf(facts: ContainerFacts, line: LogLine): Item {
  const { stream, atMs, timestamp, text } = line;
  return { containerId: facts.id, replica: replicaName(facts), stream, atMs, timestamp, text };
}

/** "api.4", from the labels. */
function replicaName({ labels }: ContainerFacts): string {
  const service = labels[serviceLabel.service]?.split('/').at(-1) ?? '';
  return `${service}.${labels[serviceLabel.slot] ?? '?'}`;
}
