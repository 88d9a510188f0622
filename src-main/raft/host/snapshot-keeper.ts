/** Everything a node does with snapshots: making, sending, receiving, installing, clearing away. */
import { assert } from '#shared/base/assert.ts';
import type { Disposable } from '#shared/base/disposable.ts';
import type { ConfState, HardState, MessageOf, PeerId, SnapshotMeta } from '../core/message.ts';
import type { Frame } from './frame.ts';
import type { SnapshotThresholds } from './host-options.ts';
import type { NodeFiles } from './node-files.ts';
import type { NodeMetrics } from './node-metrics.ts';
import { SnapshotReceiver } from './snapshot-receiver.ts';
import { SnapshotSender } from './snapshot-sender.ts';

export interface SnapshotKeeperOptions {
  readonly files: NodeFiles;
  readonly thresholds: SnapshotThresholds;
  readonly metrics: NodeMetrics;
  send(to: PeerId, frame: Uint8Array): boolean;
  /** An attempt to send one is over. */
  sent(to: PeerId, outcome: 'delivered' | 'failed'): void;
  /** A whole one was received and may be stepped. */
  received(message: MessageOf<'snapshot'>): void;
}

/** See the file's comment. */
export class SnapshotKeeper implements Disposable {
  readonly #options: SnapshotKeeperOptions;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  #bytesAtSnapshot = 0;
  /** Received and stepped, not installed yet. */
  #stepped: SnapshotMeta | null = null;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    const { send, files } = options;
    const folder = files.snapshots;
    this.#sender = new SnapshotSender({
      folder,
      send,
      finished: (to, outcome) => {
        if (outcome === 'delivered') options.metrics.count('snapshotsSentTotal');
        options.sent(to, outcome);
        this.#clearAway();
      },
    });
    this.#receiver = new SnapshotReceiver({
      folder,
      send,
      received: (message) => {
        this.#stepped = message.meta;
        options.received(message);
      },
    });
    this.#clearAway();
  }

  /** Makes a snapshot and compacts the log when that has grown past the thresholds, or a peer needs one. */
  makeWhenDue(appliedIndex: number, confState: ConfState): void {
    const { files, thresholds, metrics } = this.#options;
    const { log } = files;
    const wanted = log.takeSnapshotWanted();
    const since = log.latestSnapshot()?.index ?? log.firstIndex() - 1;
    const due =
      appliedIndex - since >= thresholds.entries ||
      (log.dataBytes() - this.#bytesAtSnapshot >= thresholds.bytes && appliedIndex > since);
    if (!wanted && !due) return;
    let meta: SnapshotMeta | null = null;
    files.snapshots.create((path) => {
      const { index, term } = files.stateMachine.writeSnapshot(path);
      assert(index === appliedIndex, `a snapshot at ${index} of a state at ${appliedIndex}`);
      meta = { index, term, confState };
      return meta;
    });
    assert(meta !== null, 'the folder lets the snapshot be written');
    // The entries may go only once the state they led to survives a power cut.
    files.stateMachine.sync();
    log.recordSnapshot(meta, appliedIndex - thresholds.trailingEntries);
    this.#bytesAtSnapshot = log.dataBytes();
    metrics.count('snapshotsMadeTotal');
    this.#clearAway();
  }

  send(message: MessageOf<'snapshot'>, nowMs: number): void {
    this.#sender.start(message, nowMs);
  }

  onFrame(from: PeerId, frame: Exclude<Frame, { kind: 'messages' }>, nowMs: number): void {
    if (frame.kind === 'chunk') this.#receiver.onChunk(from, frame.chunk);
    else this.#sender.onProgress(from, frame.progress, nowMs);
  }

  /** Installs a snapshot that was received. The log goes first: `openNodeFiles` can finish the rest after a crash. */
  install(meta: SnapshotMeta, hardState: HardState | null): void {
    const { log, stateMachine, snapshots } = this.#options.files;
    assert(snapshots.has(meta), `snapshot ${meta.index} is stepped only once it is here`);
    log.installSnapshot(meta, hardState);
    stateMachine.restoreSnapshot(snapshots.pathOf(meta));
    this.#stepped = null;
    this.#bytesAtSnapshot = 0;
    this.#options.metrics.count('snapshotsInstalledTotal');
    this.#clearAway();
  }

  tick(nowMs: number): void {
    this.#sender.tick(nowMs);
  }

  abandonSending(): void {
    this.#sender.abandonAll();
  }

  dispose(): void {
    this.#sender.abandonAll();
    this.#receiver.abandon();
  }

  #clearAway(): void {
    const latest = this.#options.files.log.latestSnapshot();
    const keep = [latest, this.#stepped].filter((meta) => meta !== null);
    this.#options.files.snapshots.removeAllBut([...keep, ...this.#sender.inUse()]);
  }
}
