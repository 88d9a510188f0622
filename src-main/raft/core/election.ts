/** Standing for election and voting (paper, §5.2 and §5.4.1; thesis §9.6). */
import { assert } from '#shared/base/assert.ts';
import { hasUnappliedConfChange } from './membership.ts';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-append.ts';
import { type Message, type MessageOf, noPeer } from './message.ts';
import type { Raft } from './raft.ts';
import type { ProposalDropped } from './raw-node-api.ts';
import { broadcastAppend } from './replication.ts';

/** `transfer` skips the pre-vote and the lease: the leader itself asked for it. */
export type Campaign = 'pre-vote' | 'vote' | 'transfer';

/** Everyone but the leader: counts towards an election. */
export function tickElection(raft: Raft): void {
  raft.electionElapsed += 1;
  if (raft.electionElapsed < raft.randomElectionTicks || !raft.promotable()) return;
  raft.electionElapsed = 0;
  campaign(raft, 'pre-vote');
}

/** Starts an election if this node may. */
export function campaign(raft: Raft, kind: Campaign): void {
  if (raft.role === 'leader' || !raft.promotable()) return;
  // Standing under an old configuration could elect a second leader under the new one.
  if (hasUnappliedConfChange(raft)) return;
  requestVotes(raft, kind);
}

function requestVotes(raft: Raft, kind: Campaign): void {
  if (kind === 'pre-vote') raft.becomePreCandidate();
  else raft.becomeCandidate();
  const term = kind === 'pre-vote' ? raft.term + 1 : raft.term;
  const claim = { lastIndex: raft.log.lastIndex(), lastTerm: raft.log.lastTerm() };
  for (const peer of raft.tracker.members) {
    if (!raft.tracker.isVoter(peer)) continue;
    if (peer === raft.id) {
      // One's own vote counts once it is durable, like everybody's.
      const type = kind === 'pre-vote' ? 'pre-vote-response' : 'vote-response';
      raft.send(raft.id, { type, reject: false }, term);
    } else if (kind === 'pre-vote') {
      raft.send(peer, { type: 'pre-vote', ...claim }, term);
    } else {
      raft.send(peer, { type: 'vote', ...claim, transfer: kind === 'transfer' }, term);
    }
  }
}

/** Any role: grants or refuses a vote. Terms have been compared. */
export function handleVoteRequest(raft: Raft, message: MessageOf<'vote' | 'pre-vote'>): void {
  const free =
    raft.vote === message.from ||
    (raft.vote === noPeer && raft.leader === noPeer) ||
    // A pre-vote for a term to come binds nobody.
    (message.type === 'pre-vote' && message.term > raft.term);
  const granted = free && raft.log.isUpToDate(message.lastIndex, message.lastTerm);
  if (message.type === 'pre-vote') {
    if (granted) raft.send(message.from, { type: 'pre-vote-response', reject: false }, message.term);
    else refuse(raft, message);
    return;
  }
  if (!granted) {
    refuse(raft, message);
    return;
  }
  raft.electionElapsed = 0;
  raft.vote = message.from;
  raft.send(message.from, { type: 'vote-response', reject: false });
}

/** Says no, and how far the log is committed. */
export function refuse(raft: Raft, message: MessageOf<'vote' | 'pre-vote'>): void {
  const index = raft.log.committed;
  const term = raft.log.term(index);
  const committed = term === null ? {} : { committed: { index, term } };
  const type = message.type === 'vote' ? 'vote-response' : 'pre-vote-response';
  raft.send(message.from, { type, reject: true, ...committed });
}

/** Any role but the leader: a refusal tells of a commit. The same entry is the same log, so it holds here too. */
export function learnCommit(raft: Raft, message: MessageOf<'vote-response' | 'pre-vote-response'>): void {
  const place = message.committed;
  if (place === undefined || raft.role === 'leader' || !raft.log.matches(place.index, place.term)) return;
  raft.log.commitTo(place.index);
  // The configuration that this election was called under is outdated.
  if (raft.role !== 'follower' && hasUnappliedConfChange(raft)) raft.becomeFollower(raft.term, noPeer);
}

/** A candidate or pre-candidate. */
export function stepCandidate(raft: Raft, message: Message): ProposalDropped | null {
  switch (message.type) {
    case 'propose':
      return 'no-leader';
    case 'append':
      raft.becomeFollower(message.term, message.from);
      handleAppend(raft, message);
      return null;
    case 'heartbeat':
      raft.becomeFollower(message.term, message.from);
      handleHeartbeat(raft, message);
      return null;
    case 'snapshot':
      raft.becomeFollower(message.term, message.from);
      handleSnapshot(raft, message);
      return null;
    case 'vote-response':
      if (raft.role === 'candidate') countVote(raft, message);
      return null;
    case 'pre-vote-response':
      if (raft.role === 'pre-candidate') countVote(raft, message);
      return null;
    default:
      return null;
  }
}

function countVote(raft: Raft, message: MessageOf<'vote-response' | 'pre-vote-response'>): void {
  raft.tracker.recordVote(message.from, !message.reject);
  const result = raft.tracker.voteResult();
  if (result === 'lost') raft.becomeFollower(raft.term, noPeer);
  if (result !== 'won') return;
  if (raft.role === 'pre-candidate') {
    requestVotes(raft, 'vote');
    return;
  }
  assert(raft.vote === raft.id, 'a candidate voted for itself');
  raft.becomeLeader();
  broadcastAppend(raft);
}
