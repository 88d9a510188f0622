import type { ReactNode } from 'react';
import type { StreamState } from '../../../client/live-map.ts';
import { useConnection } from '../../../client/use-stream.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';

/** The list, or why there is none: loading, refused, or none yet. */
export function ResourceState({
  state,
  isEmpty,
  empty,
  children,
}: {
  state: StreamState;
  isEmpty: boolean;
  empty: ReactNode;
  children: ReactNode;
}) {
  const isOld = useConnection().state !== 'live';
  if (state.state === 'loading') return <Bones rows={3} />;
  if (state.state === 'failed') {
    return (
      <Blank shape="failed" title="They cannot be listed.">
        <p>{state.error.message}</p>
      </Blank>
    );
  }
  if (isEmpty) return empty;
  return <div className={isOld ? 'is-stale' : undefined}>{children}</div>;
}
