import { expect, it } from 'vitest';
import { type Proposal, type ProposalOutcome, ProposalQueue } from './proposal-queue.ts';

function proposal(bytes: number): { proposal: Proposal; outcomes: ProposalOutcome[] } {
  const outcomes: ProposalOutcome[] = [];
  return {
    outcomes,
    proposal: { data: new Uint8Array(bytes), arrivedMs: 0, settle: (outcome) => outcomes.push(outcome) },
  };
}

const nothing = new Uint8Array(0);

it('settles a proposal when its own entry is applied', () => {
  const queue = new ProposalQueue();
  const one = proposal(1);
  queue.add(one.proposal);
  queue.logged(queue.take(100), 7, 2);
  queue.applied({ index: 7, answer: nothing, changes: nothing }, 2);
  expect(one.outcomes).toEqual([{ kind: 'applied', index: 7, answer: nothing }]);
  expect(queue.pendingCount).toBe(0);
});

it('never answers with the entry of another leader', () => {
  const queue = new ProposalQueue();
  const one = proposal(1);
  queue.add(one.proposal);
  queue.logged(queue.take(100), 7, 2);
  queue.applied({ index: 7, answer: nothing, changes: nothing }, 3);
  expect(one.outcomes).toEqual([{ kind: 'unknown' }]);
});

it('tells on a change of leader what was not tried apart from what is uncertain', () => {
  const queue = new ProposalQueue();
  const logged = proposal(1);
  const waiting = proposal(1);
  queue.add(logged.proposal);
  queue.logged(queue.take(100), 7, 2);
  queue.add(waiting.proposal);
  expect(queue.release(3)).toBe(2);
  expect(logged.outcomes).toEqual([{ kind: 'unknown' }]);
  expect(waiting.outcomes).toEqual([{ kind: 'not-leader', leader: 3 }]);
});

it('takes batches bounded in bytes, at least one, in order', () => {
  const queue = new ProposalQueue();
  const all = [proposal(60), proposal(30), proposal(30)].map((made) => made.proposal);
  for (const one of all) queue.add(one);
  expect(queue.take(50)).toEqual([all[0]]);
  const rest = queue.take(1_000);
  queue.putBack(rest);
  expect(queue.take(1_000)).toEqual([all[1], all[2]]);
});
