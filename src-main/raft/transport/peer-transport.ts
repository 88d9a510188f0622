/** How the frames of one node reach its peers. What a frame says is the host's business. */
import type { Disposable } from '#shared/base/disposable.ts';
import type { PeerId } from '../core/message.ts';

/**
 * Delivers frames between nodes: each whole or not at all, in order per peer while connected.
 * A frame may be lost; Raft sends again. Connections are made and kept by the transport.
 */
export interface PeerTransport extends Disposable {
  /** Answers false when the frame was dropped: no connection, or the peer reads too slowly. The frame is not kept afterwards. */
  send(to: PeerId, frame: Uint8Array): boolean;
  /** Called with each frame that arrives. Set once, before anything is sent. */
  onFrame: (from: PeerId, frame: Uint8Array) => void;
  /** Called when a connection that worked ended. */
  onDidLosePeer: (peer: PeerId) => void;
}
