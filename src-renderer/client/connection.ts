import type { ErrorCode } from '#shared/contract/error.ts';

/** How the panel's connection to its host stands. */
export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Values stay as they were at `lostAtMs`, by the host's clock; null when there never were any. */
  | { readonly state: 'reconnecting'; readonly lostAtMs: number | null; readonly attempts: number }
  /** It is of no use to try again: the token or the version is refused. */
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string };

/** The connection as the panel sees it, for `useSyncExternalStore`. */
export interface PanelConnection {
  readonly current: () => ConnectionState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Tries now instead of when the next attempt is due. */
  readonly retryNow: () => void;
}
