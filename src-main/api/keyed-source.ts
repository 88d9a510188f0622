/** Feeds state streams from views that are computed on demand. */
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import type { Event } from '#shared/base/emitter.ts';
import type { StateSink } from '#shared/contract/handlers.ts';

/** Views that are computed anew as a whole are computed no more often than this. */
const recomputeMsMin = 100;

/**
 * Sets everything now, and everything again when `onDidChange` fired and `matters`: at once, but
 * ten times a second at most. Values that look the same as before are not sent again.
 */
export function feedAll<Value, Change>(
  sink: StateSink<Value>,
  onDidChange: Event<Change>,
  matters: (change: Change) => boolean,
  read: () => ReadonlyMap<string, Value>,
): Disposable {
  let sent = new Map<string, { value: Value; text: string }>();
  const send = (): void => {
    const next = new Map<string, { value: Value; text: string }>();
    for (const [key, value] of read()) {
      const before = sent.get(key);
      const text = JSON.stringify(value);
      next.set(key, before?.text === text ? before : { value, text });
    }
    sent = next;
    sink.replace(new Map([...next].map(([key, each]) => [key, each.value])));
  };
  send();
  let pause: NodeJS.Timeout | null = null;
  let isDue = false;
  const afterPause = (): void => {
    pause = null;
    if (isDue) sendAndPause();
  };
  const sendAndPause = (): void => {
    isDue = false;
    send();
    pause = setTimeout(afterPause, recomputeMsMin);
  };
  const subscription = onDidChange((change) => {
    if (!matters(change)) return;
    isDue = true;
    if (pause === null) sendAndPause();
  });
  return toDisposable(() => {
    subscription.dispose();
    if (pause !== null) clearTimeout(pause);
  });
}

/** A map of things by their id, as streams want them. */
export function byId<Value extends { readonly id: string }>(values: readonly Value[]): Map<string, Value> {
  return new Map(values.map((value) => [value.id, value]));
}
