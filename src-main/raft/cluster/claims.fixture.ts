/** Tasks and lanes that race for them, through any control store. */
import { agentRefSchema } from '#shared/model/agent.ts';
import {
  type ClaimToken,
  type LaneId,
  laneIdSchema,
  projectIdSchema,
  type TaskId,
  taskIdOf,
  taskKeySchema,
  branchNameSchema,
} from '#shared/model/ids.ts';
import { taskSpecSchema } from '#shared/model/task.ts';
import type { ControlStore } from '../../state/control-store.ts';

const projectId = projectIdSchema.parse('parcel-000001');
const agent = agentRefSchema.parse('demo');
const atMs = 1_000;
const leaseMs = 600_000;

export async function openProject(store: ControlStore): Promise<void> {
  const targetBranch = branchNameSchema.parse('main');
  const facts = { projectId, path: '/parcel', name: 'parcel', targetBranch, gates: [], isDemo: false };
  unwrap(await store.propose<'project.open'>({ kind: 'project.open', atMs, ...facts }));
}

function testLaneId(at: number): LaneId {
  return laneIdSchema.parse(`lane-${String(at).padStart(8, '0')}`);
}

/** Opens a lane and answers its number. */
export async function openTestLane(store: ControlStore, at: number): Promise<number> {
  const lane = { kind: 'lane.open', laneId: testLaneId(at), projectId, agent, atMs } as const;
  return unwrap(await store.propose<'lane.open'>(lane)).number;
}

/** Adds tasks `from` up to `to` and answers their ids. */
export async function addTestTasks(store: ControlStore, from: number, to: number): Promise<TaskId[]> {
  const keys = Array.from({ length: to - from }, (_, at) => taskKeySchema.parse(`T-${from + at}`));
  const tasks = keys.map((key) => taskSpecSchema.parse({ key, title: key, prompt: 'do it' }));
  unwrap(await store.propose<'task.add'>({ kind: 'task.add', projectId, tasks, atMs }));
  return keys.map((key) => taskIdOf(projectId, key));
}

/**
 * Claimants that race for one task after the other, all at once. A claimant that won ends its
 * lane and opens another, so that each round has as many lanes that could win.
 */
export class ClaimRace {
  readonly #store: ControlStore;
  readonly #lanes: LaneId[] = [];
  #lanesOpened = 0;

  constructor(store: ControlStore) {
    this.#store = store;
  }

  async addClaimants(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) this.#lanes.push(await this.#openLane());
  }

  /** One round; answers who won. Rejects when a loser was told anything but that it lost. */
  async run(taskId: TaskId): Promise<{ laneId: LaneId; token: ClaimToken }[]> {
    const winners = await this.race(taskId);
    await this.replace(winners);
    return winners;
  }

  /** Ends the lanes that won and opens others in their place. */
  async replace(winners: readonly { laneId: LaneId; token: ClaimToken }[]): Promise<void> {
    for (const { laneId, token } of winners) {
      const end = { kind: 'stopped', reason: 'the race is over' } as const;
      const ended = { kind: 'lane.end', laneId, token, end, task: 'fail', atMs } as const;
      unwrap(await this.#store.propose<'lane.end'>(ended));
      this.#lanes[this.#lanes.indexOf(laneId)] = await this.#openLane();
    }
  }

  /** Only the claims of a round. */
  async race(taskId: TaskId): Promise<{ laneId: LaneId; token: ClaimToken }[]> {
    const outcomes = await Promise.all(
      this.#lanes.map(async (laneId) => {
        const claim = { kind: 'task.claim', taskId, laneId, leaseMs, atMs } as const;
        return { laneId, outcome: await this.#store.propose<'task.claim'>(claim) };
      }),
    );
    const winners: { laneId: LaneId; token: ClaimToken }[] = [];
    for (const { laneId, outcome } of outcomes) {
      if (outcome.ok) winners.push({ laneId, token: outcome.value.token });
      else if (outcome.error.code !== 'already-claimed') throw new Error(outcome.error.message);
    }
    return winners;
  }

  async #openLane(): Promise<LaneId> {
    const at = this.#lanesOpened;
    this.#lanesOpened += 1;
    await openTestLane(this.#store, at);
    return testLaneId(at);
  }
}

function unwrap<T>(outcome: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}
