/** The version of Gantry, and of each protocol that two separately upgraded processes speak. */
export const gantryVersion = '0.1.0';

/** Renderer, command line ↔ host. A different number is refused with `version-mismatch`. */
export const contractVersion = 1;

/** App ↔ worker. The worker outlives the app, so a newer app must understand an older worker. */
export const workerProtocolVersion = 1;

/** Raft node ↔ Raft node. */
export const peerProtocolVersion = 1;
