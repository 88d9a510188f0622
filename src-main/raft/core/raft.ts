/**
 * The state of one node, its four roles and the named moves between them. What a role does
 * with a message is beside it: election.ts, follower.ts, leader.ts; what they share is in
 * replication.ts and membership.ts.
 */
import { assert } from '#shared/base/assert.ts';
import { campaign, handleVoteRequest, learnCommit, refuse, stepCandidate, tickElection } from './election.ts';
import { stepFollower } from './follower.ts';
import { stepLeader, tickLeader } from './leader.ts';
import { type HardState, type Message, type MessageBody, type MessageType, noPeer, type PeerId } from './message.ts';
import { RaftLog } from './raft-log.ts';
import type { LogReader, ProposalDropped, RaftConfig, ReadState, Role } from './raw-node-api.ts';
import { ReadOnly } from './read-only.ts';
import { appendAsLeader } from './replication.ts';
import { Tracker } from './tracker.ts';

/**
 * What may only leave once everything before it is durable. Responses promise an entry or
 * a vote. A vote request promises nothing, but claims a log: if it left at once and the
 * node then lost that log in a crash, it could come back, stand in the same term again,
 * and win on an answer that was given to the longer log.
 */
const afterAppend: ReadonlySet<MessageType> = new Set<MessageType>([
  'append-response',
  'vote',
  'vote-response',
  'pre-vote-response',
]);

/** Requests that carry no term: the leader judges them, whoever passes them on. */
const withoutTerm: ReadonlySet<MessageType> = new Set<MessageType>([
  'propose',
  'read-index',
  'transfer-leader',
  'unreachable',
  'snapshot-status',
]);

/** See the file's comment. */
export class Raft {
  readonly config: RaftConfig;
  readonly id: PeerId;
  readonly log: RaftLog;
  readonly tracker: Tracker;

  term: number;
  vote: PeerId;
  leader: PeerId = noPeer;
  role: Role = 'follower';

  /** Ticks since the last sign of a leader; for the leader, since CheckQuorum last looked. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /** Drawn anew for each term and role, so that a split vote is not repeated. */
  randomElectionTicks = 0;

  /** To whom leadership is being handed; proposals wait meanwhile. */
  transferee: PeerId = noPeer;
  /** No configuration change is taken in before everything up to here is applied. */
  pendingConfIndex = 0;
  /** Data that is appended by this leader and not applied yet. */
  uncommittedBytes = 0;
  reads = new ReadOnly();
  /** Reads that came before this leader's first commit of its term. */
  readsBeforeFirstCommit: { readonly requester: PeerId; readonly context: string }[] = [];

  messages: Message[] = [];
  messagesAfterAppend: Message[] = [];
  readStates: ReadState[] = [];

  constructor(config: RaftConfig, stored: LogReader) {
    assertConfig(config);
    const { hardState, confState } = stored.initialState();
    this.config = config;
    this.id = config.id;
    this.log = new RaftLog(stored, config.applied, hardState.commit);
    this.tracker = new Tracker(confState, this.log.lastIndex() + 1, config);
    this.term = hardState.term;
    this.vote = hardState.vote;
    this.becomeFollower(hardState.term, noPeer);
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  // ── Roles ────────────────────────────────────────────────────────────────────────────

  becomeFollower(term: number, leader: PeerId): void {
    this.#reset(term);
    this.role = 'follower';
    this.leader = leader;
  }

  /** Asks around before raising the term, so that a node that was cut off disturbs nobody (thesis §9.6). */
  becomePreCandidate(): void {
    assert(this.role !== 'leader', 'a leader does not stand for election');
    this.role = 'pre-candidate';
    this.leader = noPeer;
    this.tracker.resetVotes();
  }

  becomeCandidate(): void {
    assert(this.role !== 'leader', 'a leader does not stand for election');
    this.#reset(this.term + 1);
    this.role = 'candidate';
    this.vote = this.id;
  }

  /** Appends the empty entry of the term: committing it commits all that came before (paper, §5.4.2). */
  becomeLeader(): void {
    assert(this.role === 'candidate', `a ${this.role} does not become leader`);
    this.#reset(this.term);
    this.role = 'leader';
    this.leader = this.id;
    const own = this.tracker.progress(this.id);
    if (own !== undefined) {
      own.becomeReplicate();
      own.recentlyActive = true;
    }
    const dropped = appendAsLeader(this, [{ kind: 'empty', data: new Uint8Array(0) }]);
    assert(dropped === null, 'an empty entry is never refused');
    // The log may hold a change that nobody here has applied; and no change may come before
    // this term's first commit (raft-dev 2015, "bug in single-server membership changes").
    this.pendingConfIndex = this.log.lastIndex();
  }

  #reset(term: number): void {
    assert(term >= this.term, 'the term never goes back');
    if (term > this.term) {
      this.term = term;
      this.vote = noPeer;
    }
    this.leader = noPeer;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.randomElectionTicks = this.config.electionTicks + this.config.random(this.config.electionTicks);
    this.transferee = noPeer;
    this.pendingConfIndex = 0;
    this.uncommittedBytes = 0;
    this.reads = new ReadOnly();
    this.readsBeforeFirstCommit = [];
    this.tracker.resetVotes();
    this.tracker.resetProgress(this.log.lastIndex() + 1);
    // Only what is durable is acknowledged to oneself.
    this.tracker.progress(this.id)?.acknowledge(this.log.stableIndex());
  }

  /** Whether this node may stand for election: a voter, and not about to start over from a snapshot. */
  promotable(): boolean {
    return this.tracker.isVoter(this.id) && this.log.unstable.snapshot === null;
  }

  // ── Input ────────────────────────────────────────────────────────────────────────────

  tick(): void {
    if (this.role === 'leader') tickLeader(this);
    else tickElection(this);
  }

  campaign(): void {
    campaign(this, 'pre-vote');
  }

  /** Handles a message; says why when a proposal was dropped. */
  step(message: Message): ProposalDropped | null {
    if (!withoutTerm.has(message.type) && !this.#meetTerm(message)) return null;
    if (message.type === 'vote' || message.type === 'pre-vote') {
      handleVoteRequest(this, message);
      return null;
    }
    if (message.type === 'vote-response' || message.type === 'pre-vote-response') learnCommit(this, message);
    if (this.role === 'leader') return stepLeader(this, message);
    if (this.role === 'follower') return stepFollower(this, message);
    return stepCandidate(this, message);
  }

  /** Compares terms first (paper, figure 2, "rules for all servers"); false when that settles the message. */
  #meetTerm(message: Message): boolean {
    if (message.term > this.term) return this.#meetHigherTerm(message);
    if (message.term === this.term) return true;
    if (message.type === 'append' || message.type === 'heartbeat') {
      // A leader of an older term, cut off until now, or one that never learns why nobody
      // follows: tell it our term, else a node with PreVote could stay stuck for ever.
      this.send(message.from, { type: 'append-response', index: 0, reject: false, hintIndex: 0, hintTerm: 0 });
    } else if (message.type === 'pre-vote') {
      // Else a cohort with a lower term and a longer log waits for ever (etcd#8243, #8501).
      refuse(this, message);
    }
    return false;
  }

  #meetHigherTerm(message: Message): boolean {
    switch (message.type) {
      case 'vote':
      case 'pre-vote': {
        // The leader's lease: whoever hears of a leader helps nobody to depose it (thesis §4.2.3).
        const leased = this.leader !== noPeer && this.electionElapsed < this.config.electionTicks;
        const handedOver = message.type === 'vote' && message.transfer;
        if (leased && !handedOver) return false;
        if (message.type === 'vote') this.becomeFollower(message.term, noPeer);
        return true;
      }
      case 'pre-vote-response':
        // A granted one carries the term that was asked for, which is not ours yet.
        if (message.reject) this.becomeFollower(message.term, noPeer);
        return true;
      case 'append':
      case 'heartbeat':
      case 'snapshot':
        this.becomeFollower(message.term, message.from);
        return true;
      default:
        this.becomeFollower(message.term, noPeer);
        return true;
    }
  }

  // ── Output ───────────────────────────────────────────────────────────────────────────

  /** Queues a message, in the list that its promise demands. A message to oneself is stepped by `advance`. */
  send(to: PeerId, body: MessageBody, term: number = this.term): void {
    const message: Message = { ...body, group: this.config.group, from: this.id, to, term };
    if (afterAppend.has(message.type)) this.messagesAfterAppend.push(message);
    else this.messages.push(message);
  }
}

function assertConfig(config: RaftConfig): void {
  assert(config.id > noPeer, 'a node has an id larger than 0');
  assert(config.heartbeatTicks > 0, 'a leader sends heartbeats');
  assert(config.electionTicks > config.heartbeatTicks, 'elections wait for more than one heartbeat');
  assert(config.inflightMessagesMax > 0 && config.appendBytesMax > 0, 'appends get through');
  assert(config.committedBytesMax > 0 && config.uncommittedBytesMax > 0, 'limits are larger than 0');
}
