/** Says in whole sentences why nothing can be written. */
import { GantryError } from '#shared/contract/error.ts';
import type { ClusterNode } from './cluster-node.ts';

/** The error for a write that found no quorum in time. `wasSent`: it may be applied yet. */
export function explainUnavailable(nodes: readonly ClusterNode[], wasSent: boolean): GantryError {
  const fate = wasSent
    ? 'It is not known whether the last change was made; everything that was confirmed is kept.'
    : 'Nothing was changed and everything is kept.';
  const out = nodes.filter((node) => !node.serves);
  // Also those that were started again since: they fail at their next write.
  const outOfSpace = nodes.filter(({ failure }) => failure?.kind === 'disk' && failure.fault === 'disk-full');
  if (outOfSpace.length * 2 >= nodes.length) {
    return new GantryError('disk-full', `The disk is full. ${fate} Free some space; writing goes on by itself.`, {
      retryable: true,
    });
  }
  const readOnly = nodes.filter(({ failure }) => failure?.kind === 'disk' && failure.fault === 'read-only');
  if (readOnly.length * 2 >= nodes.length) {
    const reason = readOnly[0]?.failure?.reason ?? '';
    return new GantryError('read-only-folder', `The data folder cannot be written: ${reason}. ${fate}`);
  }
  const fenced = out.filter(({ condition }) => condition.state === 'fenced');
  const told = out.map(({ id, condition, failure }) => {
    const reason = 'reason' in condition ? condition.reason : failure?.reason;
    return reason === undefined ? `${id} is ${condition.state}` : `${id} is ${condition.state} (${reason})`;
  });
  const who = told.length === 0 ? 'The nodes have no leader yet.' : `Of ${nodes.length} nodes, ${told.join('; ')}.`;
  if (fenced.length * 2 >= nodes.length) {
    const message = `Most nodes of the control plane hold data that cannot be trusted. ${who} ${fate} Restore the data folder from a backup.`;
    return new GantryError('node-fenced', message);
  }
  const message = `The control plane has no leader. ${who} ${fate} It goes on by itself once most nodes run again.`;
  return new GantryError('no-leader', message, { retryable: true });
}
