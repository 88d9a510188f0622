/** Mistakes that Raft implementations have really made, as edits of this core. */
import { type Scenario, scenarios } from '../../raft/core/scenarios.fixture.ts';
import type { Edit } from '../broken-copy.fixture.ts';

/** One mistake. */
export interface KnownBug {
  readonly name: string;
  readonly edits: readonly Edit[];
}

function bug(name: string, file: string, from: string, to: string): KnownBug {
  return { name, edits: [{ file, from, to }] };
}

/** Those that the simulator catches, with a seed that did when it was written down. */
export const knownBugs: readonly { readonly seed: number; readonly bug: KnownBug }[] = [
  {
    seed: 41,
    bug: bug(
      'a configuration change before the first commit of the term (raft-dev 2015)',
      'raft.ts',
      'this.pendingConfIndex = this.log.lastIndex();',
      'this.pendingConfIndex = 0;',
    ),
  },
  {
    seed: 18,
    bug: bug(
      'entries of an earlier term are committed by counting (figure 8, canonical/raft#220)',
      'replication.ts',
      'index <= raft.log.committed || raft.log.term(index) !== raft.term',
      'index <= raft.log.committed',
    ),
  },
  {
    seed: 13,
    bug: bug(
      'the hint of a rejection is taken for a match (CCF#5325)',
      'leader.ts',
      'if (!progress.reject(message.index, guess)) return;',
      'if (!progress.reject(message.index, guess)) return; progress.acknowledge(message.hintIndex);',
    ),
  },
  {
    seed: 5,
    bug: bug(
      'a stale append truncates the log (openraft)',
      'raft-log.ts',
      'if (firstNew >= 0) this.append(entries.slice(firstNew));',
      'this.append(entries.slice(entries.findIndex((entry) => entry.index > this.committed)));',
    ),
  },
  {
    seed: 202,
    bug: bug(
      'the up-to-date check compares only lengths (openraft)',
      'raft-log.ts',
      'return lastTerm > ours || (lastTerm === ours && lastIndex >= this.lastIndex());',
      'return ours >= 0 && lastTerm >= 0 && lastIndex >= this.lastIndex();',
    ),
  },
  {
    seed: 1,
    bug: bug(
      'the acknowledged indexes are not sorted before the median is taken (openraft#1802)',
      'quorum/majority.ts',
      '.sort((left, right) => left - right)',
      '',
    ),
  },
  {
    seed: 182,
    bug: bug(
      'a read is answered without asking a quorum',
      'read-only.ts',
      'read.round > confirmed',
      'read.round < confirmed',
    ),
  },
  {
    seed: 274,
    bug: bug(
      'a round of reads is used again, so that an old answer confirms a new read (etcd#20418)',
      'read-only.ts',
      'this.#round += 1;',
      'this.#round = 1;',
    ),
  },
  {
    seed: 226,
    bug: bug(
      'a lower term gets no answer, and is stuck (etcd#8243)',
      'raft.ts',
      "if (message.type === 'append' || message.type === 'heartbeat') {",
      'if (this.id < 0) {',
    ),
  },
  {
    seed: 9,
    bug: bug(
      'a learner that does not know of its promotion refuses to vote (etcd#10998)',
      'election.ts',
      'const granted = free &&',
      'const granted = raft.tracker.isVoter(raft.id) && free &&',
    ),
  },
  {
    seed: 17,
    bug: bug(
      'learners count for commits',
      'tracker.ts',
      'return jointIndex(this.#conf, (peer)',
      'return jointIndex({ ...this.#conf, voters: [...this.#conf.voters, ...this.#conf.learners] }, (peer)',
    ),
  },
  {
    seed: 1,
    bug: bug(
      'acknowledgements leave before the entries are durable (etcd#14370)',
      'raft.ts',
      "  'append-response',\n  'vote',",
      "  'vote',",
    ),
  },
  { seed: 1, bug: bug('votes leave before they are durable', 'raft.ts', "  'vote-response',\n", '') },
  {
    seed: 1,
    bug: bug('a vote is written without a sync', 'raw-node.ts', 'snapshot !== null || promised', 'snapshot !== null'),
  },
  {
    seed: 1,
    bug: bug(
      'entries are written without a sync (Jepsen NATS)',
      'raw-node.ts',
      'mustSync: entries.length > 0 ||',
      'mustSync:',
    ),
  },
  {
    seed: 1,
    bug: bug(
      'a leader acknowledges its own entries before they are durable (etcd#14370)',
      'replication.ts',
      'raft.send(raft.id, {',
      'raft.tracker.progress(raft.id)?.acknowledge(raft.log.lastIndex()); raft.send(raft.id, {',
    ),
  },
  {
    seed: 8,
    bug: bug('two votes in one term', 'election.ts', 'raft.vote === message.from ||', 'raft.vote >= noPeer ||'),
  },
  {
    seed: 193,
    bug: bug(
      'an append of a lower term is taken in',
      'raft.ts',
      'if (message.term === this.term) return true;',
      "if (message.term === this.term || (message.type === 'append' && this.role === 'follower')) return true;",
    ),
  },
  {
    seed: 26,
    bug: bug(
      'a joint configuration commits by one majority',
      'quorum/joint.ts',
      'Math.min(majorityIndex(joint.voters, acknowledged), majorityIndex(joint.votersOutgoing, acknowledged))',
      'majorityIndex(joint.voters, acknowledged)',
    ),
  },
  {
    seed: 17,
    bug: bug(
      'a second configuration change while one is pending',
      'membership.ts',
      'const idle = pendingConfIndex <= raft.log.applied;',
      'const idle = pendingConfIndex >= 0;',
    ),
  },
  {
    seed: 383,
    bug: bug('a stale snapshot is restored', 'follower-append.ts', 'if (meta.index <= raft.log.committed) return;', ''),
  },
  {
    seed: 1,
    bug: bug(
      "a heartbeat's commit is not capped at the match",
      'replication.ts',
      'const commit = Math.min(progress.match, raft.log.committed);',
      'const commit = raft.log.committed;',
    ),
  },
  {
    seed: 1,
    bug: bug(
      'a new leader appends no empty entry (Jepsen Redis-Raft)',
      'raft.ts',
      "appendAsLeader(this, [{ kind: 'empty', data: new Uint8Array(0) }])",
      'appendAsLeader(this, [])',
    ),
  },
  {
    seed: 2,
    bug: bug(
      'a paused probe is never sent again (etcd#10308)',
      'leader.ts',
      'progress.paused = false;\n      if (progress.match',
      'if (progress.match',
    ),
  },
  {
    seed: 88,
    bug: bug(
      'a failed snapshot leaves its peer waiting for ever (etcd#14633)',
      'leader.ts',
      "if (progress.state !== 'snapshot') return;",
      "if (progress.state === 'snapshot') return;",
    ),
  },
  {
    seed: 4,
    bug: bug(
      'the automatic joint configuration is not left',
      'membership.ts',
      '!conf.autoLeave ||',
      'conf.voters.length > 0 ||',
    ),
  },
];

/** Those that need a scenario of their own, with that scenario. */
export const scriptedBugs: readonly { readonly bug: KnownBug; readonly scenario: Scenario }[] = [
  {
    scenario: scenarios.jointElection,
    bug: bug(
      'a joint configuration elects by one majority',
      'quorum/joint.ts',
      'const outgoing = majorityVote(joint.votersOutgoing, answer);',
      'const outgoing = majorityVote(joint.voters, answer);',
    ),
  },
  {
    scenario: scenarios.unappliedConfChange,
    bug: bug(
      'standing for election while a configuration change is not applied',
      'election.ts',
      'if (hasUnappliedConfChange(raft)) return;',
      '',
    ),
  },
  {
    scenario: scenarios.uncarriedCommit,
    bug: bug(
      'an append commits entries that it did not carry',
      'raft-log.ts',
      'this.commitTo(Math.min(commit, agreed));',
      'this.commitTo(Math.min(commit, this.lastIndex()));',
    ),
  },
  {
    scenario: scenarios.earlyVoteRequest,
    bug: bug(
      'a vote request leaves before the log that it claims is durable',
      'raft.ts',
      "  'append-response',\n  'vote',\n",
      "  'append-response',\n",
    ),
  },
  {
    scenario: scenarios.removedLeader,
    bug: bug(
      'a removed leader blocks the elections of those who do not know of it',
      'election.ts',
      'raft.send(message.from, { type, reject: true, ...committed });',
      'raft.send(message.from, { type, reject: true, ...(term === null && committed) });',
    ),
  },
  {
    scenario: scenarios.earlyRead,
    bug: bug(
      'a read before the first commit of the term (etcd#7331)',
      'leader.ts',
      'if (committedInTerm(raft)) {',
      'if (raft.id > 0) {',
    ),
  },
  {
    scenario: scenarios.lease,
    bug: bug(
      "the leader's lease is not respected (thesis §4.2.3)",
      'raft.ts',
      'if (leased && !handedOver) return false;',
      'if (leased && !handedOver && message.term < 0) return false;',
    ),
  },
  {
    scenario: scenarios.preVote,
    bug: bug(
      'no pre-vote (thesis §9.6)',
      'election.ts',
      "campaign(raft, 'pre-vote');\n}",
      "campaign(raft, 'vote');\n}",
    ),
  },
  {
    scenario: scenarios.checkQuorum,
    bug: bug(
      'a leader does not check for its quorum (Cloudflare 2020)',
      'leader.ts',
      'if (!raft.tracker.quorumActive(raft.id)) {',
      'if (raft.tracker.members.length === 0) {',
    ),
  },
  {
    scenario: scenarios.transfer,
    bug: bug(
      'the pre-vote cancels a transfer (hashicorp#487)',
      'follower.ts',
      "campaign(raft, 'transfer');",
      "campaign(raft, 'pre-vote');",
    ),
  },
  {
    scenario: scenarios.boundedUncommitted,
    bug: bug(
      'a leader takes everything in',
      'replication.ts',
      'raft.uncommittedBytes + sizeBytes > limit',
      'raft.uncommittedBytes + sizeBytes < 0 * limit',
    ),
  },
  {
    scenario: scenarios.window,
    bug: bug(
      'the window is not respected',
      'progress.ts',
      "return this.state === 'snapshot' || this.paused;",
      "return this.state === 'snapshot' || (this.paused && this.state === 'probe');",
    ),
  },
  {
    scenario: scenarios.snapshotDuringApply,
    bug: bug(
      "a snapshot's configuration is in force before it is installed (etcd#10219)",
      'follower-append.ts',
      'raft.log.restore(meta);',
      'raft.log.restore(meta); raft.tracker.install(meta.confState, meta.index + 1);',
    ),
  },
];
