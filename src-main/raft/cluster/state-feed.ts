/**
 * What the app reads: the state of the node that is furthest, through a connection of its own.
 *
 * The index never goes back: a node is read from only once it is past what was read before, and
 * its file stays readable when its thread is gone. Each index is announced once, in order, by
 * whichever node tells first.
 */
import type { Disposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { PeerId } from '../core/message.ts';
import type { Change, ChangeSet, StateReader } from '../../state/control-store.ts';
import { decodeChanges } from '../../state/proposal.ts';
import { type OpenStateReader, openStateReader } from '../../state/state-reader.ts';

/** See the file's comment. */
export class StateFeed implements Disposable {
  readonly #readers = new Map<PeerId, OpenStateReader>();
  readonly #changed = new Emitter<ChangeSet>();
  readonly #undelivered: ChangeSet[] = [];
  readonly #waiting: { index: number; resolve: () => void }[] = [];
  #current: PeerId | null = null;
  #index = 0;
  #delivering = false;

  get onDidChange(): Event<ChangeSet> {
    return this.#changed.event;
  }

  /** What `current()` has at least. */
  get index(): number {
    return this.#index;
  }

  /** The reader to use right now; never keep it. Throws `unavailable` before any node was opened. */
  current(): StateReader {
    const reader = this.#current === null ? undefined : this.#readers.get(this.#current);
    if (!reader) throw new GantryError('unavailable', 'No node of the control plane can be read.', { retryable: true });
    return reader;
  }

  /** A node has opened its state at `path`. */
  addNode(peer: PeerId, path: string, appliedIndex: number): void {
    this.#readers.get(peer)?.close();
    this.#readers.set(peer, openStateReader(path));
    if (this.#current === null || appliedIndex > this.#index) this.#jump(peer, appliedIndex);
  }

  /** The node's file is about to go. */
  removeNode(peer: PeerId): void {
    this.#readers.get(peer)?.close();
    this.#readers.delete(peer);
    if (this.#current !== peer) return;
    this.#current = null;
    for (const [other, reader] of this.#readers) {
      if (reader.appliedIndex() >= this.#index) this.#current = other;
    }
  }

  /** A node has applied up to `appliedIndex`; `changes` are those of the indexes that changed something. */
  applied(peer: PeerId, appliedIndex: number, changes: readonly { index: number; changes: Uint8Array }[]): void {
    if (appliedIndex <= this.#index || !this.#readers.has(peer)) return;
    const byIndex = new Map(changes.map((change) => [change.index, change.changes]));
    for (let index = this.#index + 1; index <= appliedIndex; index += 1) {
      const bytes = byIndex.get(index);
      this.#undelivered.push({ index, changes: bytes ? decodeChanges(bytes) : [] });
    }
    this.#moveTo(peer, appliedIndex);
  }

  /** A node's state was replaced by a snapshot. */
  restored(peer: PeerId, index: number): void {
    if (index > this.#index && this.#readers.has(peer)) this.#jump(peer, index);
  }

  /** Resolves once what is read includes `index`. */
  until(index: number): Promise<void> {
    if (index <= this.#index) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ index, resolve }));
  }

  dispose(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
    this.#current = null;
    this.#changed.dispose();
  }

  /** Nobody told what changed between: everything may have. */
  #jump(peer: PeerId, index: number): void {
    const reader = this.#readers.get(peer);
    const everything = reader && this.#changed.listenerCount > 0 ? allRows(reader) : [];
    this.#undelivered.push({ index, changes: everything });
    this.#moveTo(peer, index);
  }

  #moveTo(peer: PeerId, index: number): void {
    this.#current = peer;
    this.#index = index;
    this.#deliver();
    const reached = this.#waiting.filter((waiter) => waiter.index <= index);
    if (reached.length === 0) return;
    this.#waiting.splice(0, Number.POSITIVE_INFINITY, ...this.#waiting.filter((waiter) => waiter.index > index));
    for (const { resolve } of reached) resolve();
  }

  /** A listener may cause the next change; every listener still gets one index after the other. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#undelivered.shift(); next; next = this.#undelivered.shift()) this.#changed.fire(next);
    } finally {
      this.#delivering = false;
    }
  }
}

function allRows(reader: StateReader): Change[] {
  const hosts = reader.serviceHosts().map(({ id }) => ({ table: 'serviceHost' as const, id, projectId: null }));
  const rows = reader.projects().flatMap(({ id: projectId }) => {
    const of = (table: Change['table'], rows: readonly { id: string }[]): Change[] =>
      rows.map(({ id }) => ({ table, id, projectId }));
    return [
      { table: 'project' as const, id: projectId, projectId },
      { table: 'fleet' as const, id: projectId, projectId },
      ...of('task', reader.tasks(projectId)),
      ...of('lane', reader.lanes(projectId)),
      ...of('merge', reader.merges(projectId)),
      ...of('checkpoint', reader.checkpoints(projectId)),
      ...of('rollback', reader.rollbacks(projectId)),
      ...serviceRows(reader, projectId),
    ];
  });
  return [...rows, ...hosts];
}

function serviceRows(reader: StateReader, projectId: ProjectId): Change[] {
  const ofServices = reader
    .services(projectId)
    .flatMap(({ id: serviceId }): Change[] => [
      { table: 'service', id: serviceId, projectId },
      ...reader
        .revisions(serviceId)
        .map(({ number }) => ({ table: 'revision' as const, id: `${serviceId}/${number}`, projectId })),
      ...reader.rollouts(serviceId).map(({ id }) => ({ table: 'rollout' as const, id, projectId })),
    ]);
  return [
    ...ofServices,
    ...reader.secrets(projectId).map(({ name }) => ({ table: 'secret' as const, id: name, projectId })),
    ...reader.configs(projectId).map(({ name }) => ({ table: 'config' as const, id: name, projectId })),
    ...reader
      .volumes(projectId)
      .map(({ stack, name }) => ({ table: 'volume' as const, id: `${stack}/${name}`, projectId })),
    ...reader.previews(projectId).map(({ stack }) => ({ table: 'preview' as const, id: stack, projectId })),
  ];
}
