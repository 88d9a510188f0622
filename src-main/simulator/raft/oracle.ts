/**
 * Sees everything in the simulated world and knows what must never happen. Checked after
 * every event, in constant time for each new entry, so that it can afford to be thorough:
 *
 *  1. at most one leader per term; at most one durable vote per term and node
 *  2. an entry's term and index determine it and, with its predecessor's term, all before
 *     it (log matching); a leader only appends
 *  3. a leader's log holds everything that earlier terms committed
 *  4. the same index applies the same entry and gives the same state
 *  5. term, commit, applied and match never go back within a node's life; durable terms never
 *  6. purged ≤ snapshot ≤ applied ≤ commit ≤ last
 *  7. a committed entry is durable on a quorum, crashed nodes counted
 *  8. at most one configuration change is uncommitted
 *  9. nothing is acknowledged, and no vote given, before it is durable
 */
import { assert, assertDefined } from '#shared/base/assert.ts';
import type { ConfState, Entry, Message, PeerId } from '../../raft/core/message.ts';
import type { RaftStatus, Ready } from '../../raft/core/raw-node-api.ts';
import type { RegisterState } from './register-state.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedNode } from './simulated-node.ts';

interface Known {
  readonly data: Uint8Array;
  readonly kind: Entry['kind'];
  readonly previousTerm: number;
}

interface Watched {
  term: number;
  commit: number;
  applied: number;
  /** The term that it leads, or 0; and the end of its log as last handed out. */
  leads: number;
  handedOut: number;
  readonly match: Map<PeerId, number>;
}

/** See the file's comment. Every check throws `AssertionError`. */
export class Oracle {
  readonly #disks = new Map<PeerId, SimulatedDisk>();
  readonly #watched = new Map<PeerId, Watched>();
  readonly #leaders = new Map<number, PeerId>();
  readonly #votes = new Map<string, PeerId>();
  /** Terms of the entries that were handed out and are not written yet, by index. */
  readonly #handed = new Map<PeerId, Map<number, number>>();
  readonly #durableTerms = new Map<PeerId, number>();
  readonly #entries = new Map<string, Known>();
  /** Of each committed index: the entry's term, and the term in which it was committed. */
  readonly #committed: { readonly term: number; readonly inTerm: number }[] = [];
  readonly #applied: { readonly term: number; readonly hash: number }[] = [];

  /** The largest index that any node knows to be committed. */
  get committedIndex(): number {
    return this.#committed.length;
  }

  started(node: SimulatedNode): void {
    this.#disks.set(node.id, node.disk);
    const status = assertDefined(node.raft, 'a started node runs').status();
    const { term, commit } = status.hardState;
    const durable = this.#durableTerms.get(node.id) ?? 0;
    assert(term >= durable, `node ${node.id} came back in term ${term}, but had been in ${durable}`);
    this.#watched.set(node.id, { term, commit, applied: status.applied, leads: 0, handedOut: 0, match: new Map() });
  }

  crashed(node: SimulatedNode): void {
    this.#watched.delete(node.id);
    this.#handed.delete(node.id);
  }

  /** After anything that happened to a running node. */
  observe(node: SimulatedNode): void {
    const watched = this.#watched.get(node.id);
    if (watched === undefined || node.raft === null) return;
    node.raft.assertInvariants();
    const status = node.raft.status();
    const { term, commit } = status.hardState;
    assert(term >= watched.term, `the term of node ${node.id} went back from ${watched.term} to ${term}`);
    assert(commit >= watched.commit, `the commit of node ${node.id} went back from ${watched.commit} to ${commit}`);
    assert(status.applied >= watched.applied, `the applied index of node ${node.id} went back`);
    assert(status.applied <= commit && commit <= status.lastIndex, 'applied ≤ commit ≤ last');
    watched.term = term;
    watched.commit = commit;
    watched.applied = status.applied;
    this.#checkStorage(node, status);
    if (status.role === 'leader') this.#checkLeader(node, status, watched);
    else watched.leads = 0;
  }

  #checkStorage({ id, disk, state }: SimulatedNode, status: RaftStatus): void {
    const purged = disk.log.firstIndex() - 1;
    const snapshot = disk.log.snapshotMeta()?.index ?? 0;
    assert(purged <= snapshot || snapshot === 0, `node ${id} purged ${purged} past its snapshot ${snapshot}`);
    assert(snapshot <= (state?.index ?? 0), `node ${id} has a snapshot of what it has not applied`);
    assert(status.applied <= (state?.index ?? 0), `node ${id} says that it applied more than it did`);
  }

  #checkLeader(node: SimulatedNode, status: RaftStatus, watched: Watched): void {
    const { term, commit } = status.hardState;
    if (watched.leads !== term) {
      watched.leads = term;
      watched.handedOut = 0;
      watched.match.clear();
      const other = this.#leaders.get(term) ?? node.id;
      assert(other === node.id, `term ${term} has two leaders, ${other} and ${node.id}`);
      this.#leaders.set(term, node.id);
    }
    for (const [peer, { match }] of status.progress) this.#checkMatch(node, watched, peer, match, term);
    if (commit > this.committedIndex) this.#commit(node, status);
  }

  #checkMatch(node: SimulatedNode, watched: Watched, peer: PeerId, match: number, term: number): void {
    const before = watched.match.get(peer) ?? 0;
    if (match === before) return;
    watched.match.set(peer, match);
    // A peer that was removed and taken in again starts over.
    assert(
      match > before || match === 0,
      `the match of ${peer} at leader ${node.id} went back from ${before} to ${match}`,
    );
    if (match === 0) return;
    const durable = assertDefined(this.#disks.get(peer), `node ${peer} has a disk`).durable;
    // In a later term the peer may have had to give up what it once acknowledged.
    if (durable.hardState.term > term) return;
    assert(
      durable.firstIndex() > match || durable.lastIndex() >= match,
      `leader ${node.id} counts ${match} for ${peer}, whose disk ends at ${durable.lastIndex()}`,
    );
    const theirs = durable.term(match);
    const ours = this.#handed.get(node.id)?.get(match) ?? node.disk.log.term(match);
    assert(
      theirs === null || ours === null || theirs === ours,
      `leader ${node.id} counts ${match} for ${peer}, which has another entry there`,
    );
  }

  #commit(node: SimulatedNode, status: RaftStatus): void {
    const { term, commit } = status.hardState;
    const last = this.#termAt(node, commit);
    assert(last === term, `leader ${node.id} of term ${term} committed up to ${commit}, which is of term ${last}`);
    for (let index = this.committedIndex + 1; index <= commit; index += 1) {
      this.#committed.push({ term: this.#termAt(node, index), inTerm: term });
    }
    const holds = (peer: PeerId) => this.#holdsDurably(peer, commit, last);
    assert(
      holdsQuorum(status.confState, holds),
      `entry ${commit} of term ${last} was committed by ${node.id}, but is not durable on a quorum`,
    );
    for (const other of this.#watched.keys()) this.#checkLeaderHolds(other, commit);
  }

  /** The term of an entry of a running node, on its disk or on the way there. */
  #termAt(node: SimulatedNode, index: number): number {
    const term = this.#handed.get(node.id)?.get(index) ?? node.disk.log.term(index);
    return assertDefined(term, `node ${node.id} committed ${index}, which it never handed out`);
  }

  #holdsDurably(peer: PeerId, index: number, term: number): boolean {
    const durable = this.#disks.get(peer)?.durable;
    if (durable === undefined) return false;
    return durable.firstIndex() > index || durable.term(index) === term;
  }

  /** Leader completeness, for a running leader of a later term. */
  #checkLeaderHolds(id: PeerId, index: number): void {
    const watched = this.#watched.get(id);
    const committed = this.#committed[index - 1];
    const log = this.#disks.get(id)?.log;
    if (watched === undefined || committed === undefined || log === undefined) return;
    if (watched.leads <= committed.inTerm || log.firstIndex() > index) return;
    const term = this.#handed.get(id)?.get(index) ?? log.term(index);
    assert(
      term === committed.term,
      `leader ${id} of term ${watched.leads} lacks entry ${index} of term ${committed.term}, committed in term ${committed.inTerm}`,
    );
  }

  /** A `Ready` was taken; nothing of it is written yet. */
  handedOut(node: SimulatedNode, ready: Ready): void {
    const watched = assertDefined(this.#watched.get(node.id), 'a running node is watched');
    const first = ready.entries[0];
    const last = ready.entries.at(-1);
    this.#handed.set(node.id, new Map(ready.entries.map(({ index, term }) => [index, term])));
    for (const entry of ready.entries) {
      this.#checkEntry(node, ready, entry);
      const isCommitted = entry.index <= watched.commit;
      const same = this.#committed[entry.index - 1]?.term === entry.term;
      assert(!isCommitted || same, `node ${node.id} committed another entry ${entry.index}`);
    }
    if (watched.leads === 0) return;
    if (watched.handedOut === 0) {
      for (let index = node.disk.log.firstIndex(); index <= this.committedIndex; index += 1) {
        this.#checkLeaderHolds(node.id, index);
      }
    } else if (first !== undefined) {
      assert(first.index === watched.handedOut + 1, `leader ${node.id} replaced its own entry ${first.index}`);
    }
    watched.handedOut = last?.index ?? (watched.handedOut || node.disk.log.lastIndex());
  }

  #checkEntry(node: SimulatedNode, ready: Ready, entry: Entry): void {
    const first = assertDefined(ready.entries[0], 'there is an entry').index;
    const before = ready.entries[entry.index - first - 1];
    const previousTerm = before?.term ?? ready.snapshot?.term ?? node.disk.log.term(entry.index - 1) ?? 0;
    const place = `${entry.term}:${entry.index}`;
    const known = this.#entries.get(place);
    if (known === undefined) {
      this.#entries.set(place, { data: entry.data, kind: entry.kind, previousTerm });
      if (entry.kind === 'conf-change') this.#checkOneConfChange(node, ready, entry);
      return;
    }
    const same = known.kind === entry.kind && known.previousTerm === previousTerm && sameBytes(known.data, entry.data);
    assert(same, `entry ${entry.index} of term ${entry.term} differs between two logs`);
  }

  #checkOneConfChange(node: SimulatedNode, ready: Ready, entry: Entry): void {
    const first = assertDefined(ready.entries[0], 'there is an entry').index;
    for (let index = this.committedIndex + 1; index < entry.index; index += 1) {
      const earlier = index >= first ? ready.entries[index - first] : node.disk.log.entry(index);
      assert(
        earlier?.kind !== 'conf-change',
        `node ${node.id} has two configuration changes that are not committed, ${index} and ${entry.index}`,
      );
    }
  }

  /** A `Ready` was written, and synced if it asked for that. */
  written(node: SimulatedNode): void {
    this.#handed.delete(node.id);
    const { term, vote } = node.disk.durable.hardState;
    const before = this.#durableTerms.get(node.id) ?? 0;
    assert(term >= before, `the durable term of node ${node.id} went back from ${before} to ${term}`);
    this.#durableTerms.set(node.id, term);
    if (vote !== 0) this.#countVote(node.id, term, vote);
  }

  #countVote(voter: PeerId, term: number, candidate: PeerId): void {
    const key = `${voter} in ${term}`;
    const before = this.#votes.get(key) ?? candidate;
    assert(before === candidate, `node ${voter} voted for ${before} and for ${candidate} in term ${term}`);
    this.#votes.set(key, candidate);
  }

  /** A message leaves a node: what it promises has to be on disk. */
  sent({ id, disk }: SimulatedNode, message: Message): void {
    const { hardState } = disk.durable;
    if (message.type === 'vote-response' && !message.reject) {
      this.#countVote(id, message.term, message.to);
      const durable =
        hardState.term > message.term || (hardState.term === message.term && hardState.vote === message.to);
      assert(durable, `node ${id} voted for ${message.to} in term ${message.term} before that was durable`);
    }
    if (message.type === 'append-response' && !message.reject && message.index > 0) {
      assert(hardState.term >= message.term, `node ${id} answers in term ${message.term} before that is durable`);
      // An acknowledgement to a leader that has been replaced meanwhile binds nobody.
      if (hardState.term > message.term) return;
      const last = disk.durable.lastIndex();
      assert(last >= message.index, `node ${id} acknowledged ${message.index}, but its disk ends at ${last}`);
    }
  }

  applied({ id }: SimulatedNode, entry: Entry, state: RegisterState): void {
    const committed = this.#committed[entry.index - 1];
    assert(committed?.term === entry.term, `node ${id} applied ${entry.index}, which is not the committed entry`);
    const known = this.#applied[entry.index - 1];
    if (known === undefined) {
      assert(this.#applied.length === entry.index - 1, `entry ${entry.index} was applied before its predecessor`);
      this.#applied.push({ term: entry.term, hash: state.hash });
      return;
    }
    assert(known.hash === state.hash, `the state of node ${id} differs at ${entry.index}`);
  }
}

function holdsQuorum(conf: ConfState, holds: (peer: PeerId) => boolean): boolean {
  return [conf.voters, conf.votersOutgoing].every(
    (voters) => voters.length === 0 || voters.filter(holds).length * 2 > voters.length,
  );
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left === right || (left.length === right.length && left.every((byte, at) => byte === right[at]));
}
