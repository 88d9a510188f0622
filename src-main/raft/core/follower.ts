/** A follower: listens to its leader and passes requests on to it. */
import { campaign } from './election.ts';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-append.ts';
import { type Message, noPeer } from './message.ts';
import type { Raft } from './raft.ts';
import type { ProposalDropped } from './raw-node-api.ts';

/** See the file's comment. Terms have been compared, so that an append is from the leader of our term. */
export function stepFollower(raft: Raft, message: Message): ProposalDropped | null {
  switch (message.type) {
    case 'append':
      hear(raft, message);
      handleAppend(raft, message);
      return null;
    case 'heartbeat':
      hear(raft, message);
      handleHeartbeat(raft, message);
      return null;
    case 'snapshot':
      hear(raft, message);
      handleSnapshot(raft, message);
      return null;
    case 'propose':
      if (raft.leader === noPeer) return 'no-leader';
      raft.send(raft.leader, { type: 'propose', entries: message.entries });
      return null;
    case 'transfer-leader':
      if (raft.leader !== noPeer) raft.send(raft.leader, { type: 'transfer-leader', transferee: message.transferee });
      return null;
    case 'timeout-now':
      // The leader itself wants to go: no pre-vote, which its lease would refuse.
      campaign(raft, 'transfer');
      return null;
    case 'read-index':
      // Only this node's own reads: the answer finds the way back to it alone.
      if (raft.leader !== noPeer && message.from === raft.id) {
        raft.send(raft.leader, { type: 'read-index', context: message.context });
      }
      return null;
    case 'read-index-response':
      raft.readStates.push({ context: message.context, index: message.index });
      return null;
    default:
      return null;
  }
}

function hear(raft: Raft, message: Message): void {
  raft.electionElapsed = 0;
  raft.leader = message.from;
}
