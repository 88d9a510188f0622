/**
 * `ConfChange` as the data of a log entry. Layout: version, transition, then per step one
 * byte for the action and the peer as 8 bytes, big-endian. Leaving a joint configuration
 * is no bytes at all, so that no limit on size can ever refuse it.
 */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { ConfChange } from './message.ts';

const version = 1;
const headerBytes = 2;
const stepBytes = 9;
const transitions = ['auto', 'joint-implicit', 'joint-explicit'] as const;
const actions = ['add-voter', 'add-learner', 'remove'] as const;

/** The bytes that `decodeConfChange` reads. */
export function encodeConfChange(change: ConfChange): Uint8Array {
  if (change.steps.length === 0) return new Uint8Array(0);
  const bytes = new Uint8Array(headerBytes + change.steps.length * stepBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, version);
  view.setUint8(1, transitions.indexOf(change.transition));
  for (const [at, step] of change.steps.entries()) {
    const offset = headerBytes + at * stepBytes;
    view.setUint8(offset, actions.indexOf(step.action));
    view.setBigUint64(offset + 1, BigInt(step.peer));
  }
  return bytes;
}

/** Reads what `encodeConfChange` wrote. Throws `AssertionError` on anything else: the log is then not ours. */
export function decodeConfChange(data: Uint8Array): ConfChange {
  if (data.length === 0) return { steps: [], transition: 'auto' };
  assert((data.length - headerBytes) % stepBytes === 0, 'a configuration change has the wrong length');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  assert(view.getUint8(0) === version, `unknown version ${view.getUint8(0)} of a configuration change`);
  const steps = [];
  for (let offset = headerBytes; offset < data.length; offset += stepBytes) {
    const action = assertDefined(actions[view.getUint8(offset)], 'unknown action in a configuration change');
    steps.push({ action, peer: Number(view.getBigUint64(offset + 1)) });
  }
  return { steps, transition: assertDefined(transitions[view.getUint8(1)], 'unknown transition') };
}
