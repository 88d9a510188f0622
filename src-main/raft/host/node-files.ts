/** Opens what one node keeps in its folder and checks that the parts belong together. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfState } from '../core/message.ts';
import { type LogIdentity, LogStore } from '../storage/log-store.ts';
import { SnapshotFolder } from '../storage/snapshot-folder.ts';
import { toStorageError } from '../storage/storage-error.ts';
import type { StateMachine } from './state-machine.ts';

export interface NodeFilesOptions {
  readonly folder: string;
  readonly identity: LogIdentity;
  /** The node took part before, so its log must be there. */
  readonly mustExist: boolean;
  /** The first configuration, for the nodes that a cluster begins with; null for one that joins. */
  readonly founding: ConfState | null;
  readonly openStateMachine: (path: string) => StateMachine;
}

export interface NodeFiles {
  readonly log: LogStore;
  readonly stateMachine: StateMachine;
  readonly snapshots: SnapshotFolder;
}

/** Where a node of `folder` keeps its state. */
export function statePathOf(folder: string): string {
  return join(folder, 'state.db');
}

/**
 * A cluster begins as if it had a snapshot of nothing at index 1: a node that joins later can
 * not have entry 1, so it is sent a snapshot, which tells it the configuration.
 */
const foundingIndex = 1;
const foundingTerm = 1;

/** Throws what `toStorageError` names, or what the state machine says of its own file. */
export function openNodeFiles(options: NodeFilesOptions): NodeFiles {
  const { folder, identity, mustExist } = options;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toStorageError(error, folder);
  }
  const log = new LogStore({ folder, identity, mustExist });
  let stateMachine: StateMachine | null = null;
  try {
    stateMachine = options.openStateMachine(statePathOf(folder));
    const snapshots = new SnapshotFolder(join(folder, 'snapshots'));
    found(log, stateMachine, options.founding);
    finishInstall(log, stateMachine, snapshots);
    const { index, confState } = stateMachine.applied();
    log.reconcileApplied(index);
    if (confState) log.useConfState(confState);
    return { log, stateMachine, snapshots };
  } catch (error) {
    stateMachine?.close();
    log.close();
    throw toStorageError(error, folder);
  }
}

function found(log: LogStore, stateMachine: StateMachine, founding: ConfState | null): void {
  if (!founding || stateMachine.applied().index !== 0) return;
  if (log.lastIndex() === 0) {
    const hardState = { term: foundingTerm, vote: 0, commit: foundingIndex };
    log.begin({ index: foundingIndex, term: foundingTerm, hardState });
  }
  if (log.firstIndex() !== foundingIndex + 1) return;
  const nothing = { term: foundingTerm, index: foundingIndex, kind: 'empty', data: new Uint8Array(0) } as const;
  stateMachine.apply([nothing], founding);
}

/** A crash between the two halves of installing a snapshot: the log begins at it, the state is older. */
function finishInstall(log: LogStore, stateMachine: StateMachine, snapshots: SnapshotFolder): void {
  const meta = log.latestSnapshot();
  if (meta && stateMachine.applied().index < meta.index && log.firstIndex() === meta.index + 1 && snapshots.has(meta)) {
    stateMachine.restoreSnapshot(snapshots.pathOf(meta));
  }
}
