import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { InputOf, StateStreamName, ValueOf } from '#shared/contract/contract.ts';
import { useClientParts } from './ClientContext.tsx';
import type { ConnectionState } from './connection.ts';
import { LiveMap, type StreamState } from './live-map.ts';
import { sameData } from './same-data.ts';

const never = new LiveMap<never>(() => undefined);

/**
 * The values of a state stream, kept running while the component stands. Null asks for
 * nothing. The map itself never changes identity: read it with the hooks below.
 */
export function useStream<Name extends StateStreamName>(
  name: Name,
  input: InputOf<Name> | null,
): LiveMap<ValueOf<Name>> {
  const { streams } = useClientParts();
  const key = JSON.stringify(input);
  const asked = useMemo(() => JSON.parse(key) as InputOf<Name> | null, [key]);
  useEffect(() => {
    if (asked === null) return;
    const held = streams.retain(name, asked);
    return () => held.dispose();
  }, [streams, name, asked]);
  return asked === null ? (never as LiveMap<unknown> as LiveMap<ValueOf<Name>>) : streams.map(name, asked);
}

/** The value under one key; the component is drawn again only when that one changes. */
export function useStreamValue<Value>(map: LiveMap<Value>, id: string | null): Value | undefined {
  const subscribe = useCallback(
    (listener: () => void) => (id === null ? () => undefined : map.onKey(id, listener)),
    [map, id],
  );
  return useSyncExternalStore(subscribe, () => (id === null ? undefined : map.get(id)));
}

/** The keys of a stream, in order of arrival. */
export function useStreamIds<Value>(map: LiveMap<Value>): readonly string[] {
  return useSyncExternalStore(map.onIds, map.ids);
}

/** All values of a stream. The component is drawn again at every change: for small streams. */
export function useStreamList<Value>(map: LiveMap<Value>): readonly Value[] {
  return useSyncExternalStore(map.onAny, map.list);
}

/**
 * What `read` takes of a stream's values. The component is drawn again only when that differs as
 * data, however often the rest of the values changes.
 */
export function useStreamPart<Value, Part>(map: LiveMap<Value>, read: (map: LiveMap<Value>) => Part): Part {
  const last = useRef<{ readonly part: Part } | null>(null);
  return useSyncExternalStore(map.onAny, () => {
    const part = read(map);
    if (last.current === null || !sameData(last.current.part, part)) last.current = { part };
    return last.current.part;
  });
}

/** Whether a stream is loading, complete, or refused. */
export function useStreamState<Value>(map: LiveMap<Value>): StreamState {
  return useSyncExternalStore(map.onIds, map.state);
}

/** How the connection stands. */
export function useConnection(): ConnectionState {
  const { connection } = useClientParts();
  return useSyncExternalStore(connection.subscribe, connection.current);
}
