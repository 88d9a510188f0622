/** Events as Docker's API tells them, and as Gantry does. */
import { z } from 'zod';
import type { EngineEvent } from '../ports/engine.ts';

/** `status`, `id` and `from` beside these are gone since API 1.52: they are not read. */
const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({
    ID: z.string(),
    Attributes: z
      .record(z.string(), z.string())
      .nullish()
      .transform((attributes) => attributes ?? {}),
  }),
  time: z.number().default(0),
  timeNano: z.number().optional(),
});

/** What Docker adds to a container's labels in its events. */
const notLabels = new Set(['name', 'image', 'exitCode', 'signal', 'execID', 'execDuration']);

/** What is asked for; `exec_*` is not: health checks run as such, several a second. */
export const eventFilters = {
  type: ['container', 'image', 'network', 'volume'],
  event: [
    ...['create', 'start', 'restart', 'die', 'stop', 'kill', 'oom', 'pause', 'unpause', 'destroy', 'rename', 'update'],
    ...['health_status', 'pull', 'tag', 'untag', 'delete', 'import', 'load', 'connect', 'disconnect', 'remove'],
    ...['mount', 'unmount', 'prune', 'died', 'cleanup', 'init'],
  ],
};

/** An event with its time at the engine in seconds; null for what is none of ours. */
export function engineEvent(value: unknown): { event: EngineEvent; atSeconds: number } | null {
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) return null;
  const { Type: kind, Action: action, Actor: actor, time, timeNano } = parsed.data;
  if (kind !== 'container' && kind !== 'image' && kind !== 'network' && kind !== 'volume') return null;
  if (action.startsWith('exec_')) return null;
  const atSeconds = timeNano === undefined ? time : timeNano / 1e9;
  const common = { action, id: actor.ID, atMs: Math.floor(atSeconds * 1_000) };
  if (kind !== 'container') return { event: { kind, ...common }, atSeconds };
  const labels = Object.fromEntries(Object.entries(actor.Attributes).filter(([key]) => !notLabels.has(key)));
  return { event: { kind, ...common, labels }, atSeconds };
}
