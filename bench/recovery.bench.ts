/** How long it takes until a killed agent is noticed, its task is taken back, and another agent works in its place. */
import { readdirSync, readFileSync } from 'node:fs';
import type { LaneView, TaskView } from '../src-shared/contract/views.ts';
import { type BenchmarkResult, percentile, rounded, target } from './benchmark.ts';
import { areMerged, type BenchProject, GantryHost, untilShown, waitingAgent } from './gantry-host.ts';

export const name = 'recovery';
export const description = 'time to detect, reclaim and replace a killed agent';

const agents = 3;
const kills = 15;
const waitSeconds = 8;
/** Enough that there is always one for a replacement. */
const taskCount = 2 * kills + agents;
const waitMsMax = 60_000;

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  await using host = await GantryHost.start();
  const opened = await host.open(taskCount);
  await host.client.call('project.configure', { projectId: opened.project.id, attemptsMax: 20 });
  await host.setFleet(opened, waitingAgent(waitSeconds), agents);
  const detect: number[] = [];
  const reclaim: number[] = [];
  const replace: number[] = [];
  while (detect.length < kills) {
    const { victim, pids } = await findVictim(opened);
    const times = await killAndWatch(opened, victim, pids);
    detect.push(times.detectMs);
    reclaim.push(times.reclaimMs);
    replace.push(times.replaceMs);
    say(
      `kill ${detect.length}: detected ${seconds(times.detectMs)} s, reclaimed ${seconds(times.reclaimMs)} s, replaced ${seconds(times.replaceMs)} s`,
    );
  }
  await untilShown([opened.tasks], () => areMerged(opened, taskCount), 300_000);
  const merges = opened.repository.subjects().filter((subject) => subject.startsWith('Merge ')).length;
  const metrics = {
    kills: detect.length,
    detect_seconds_p99: p99(detect),
    reclaim_seconds_p99: p99(reclaim),
    replace_seconds_p99: p99(replace),
    tasks_lost: taskCount - merges,
  };
  return {
    metrics,
    targets: [
      target(metrics, 'detect_seconds_p99', '<=', 3),
      target(metrics, 'reclaim_seconds_p99', '<=', 5),
      target(metrics, 'replace_seconds_p99', '<=', 10),
      target(metrics, 'tasks_lost', '<=', 0),
    ],
  };
}

/** A lane whose agent really has processes at this moment; a lane shown as running may just have ended. */
async function findVictim(opened: BenchProject): Promise<{ victim: LaneView; pids: number[] }> {
  for (const deadlineMs = performance.now() + waitMsMax; performance.now() < deadlineMs; ) {
    await untilShown([opened.lanes], () => running(opened).length > 0, waitMsMax);
    for (const victim of running(opened)) {
      const pids = processesOfLane(victim.id);
      if (pids.length > 0) return { victim, pids };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no lane had a process that could be killed');
}

/** From the kill until the lane is seen to be over, its task to be free, and the fleet to be whole. */
async function killAndWatch(
  { lanes, tasks }: BenchProject,
  victim: LaneView,
  pids: readonly number[],
): Promise<{ detectMs: number; reclaimMs: number; replaceMs: number }> {
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const lane = (): LaneView | undefined => lanes.values.get(victim.id);
  const task = (): TaskView | undefined => (victim.taskId === null ? undefined : tasks.values.get(victim.taskId));
  let detectMs = Number.NaN;
  let reclaimMs = Number.NaN;
  const look = (): void => {
    if (Number.isNaN(detectMs) && lane()?.status !== 'running') detectMs = elapsedMs();
    if (Number.isNaN(reclaimMs) && task()?.laneId !== victim.id) reclaimMs = elapsedMs();
  };
  await untilShown(
    [lanes, tasks],
    () => {
      look();
      // The fleet is whole again: another agent works in the dead one's place, on whatever is next.
      return running({ lanes }).length >= agents && !Number.isNaN(detectMs) && !Number.isNaN(reclaimMs);
    },
    waitMsMax,
  );
  return { detectMs, reclaimMs, replaceMs: elapsedMs() };
}

function running({ lanes }: Pick<BenchProject, 'lanes'>): LaneView[] {
  return [...lanes.values.values()].filter((lane) => lane.status === 'running');
}

/** The process tree of a lane's agent, found by what the worker put into its environment. */
function processesOfLane(laneId: string): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return readFileSync(`/proc/${entry}/environ`, 'utf8').includes(`GANTRY_LANE=${laneId}`) ? [Number(entry)] : [];
    } catch (error) {
      // It ended while it was looked at.
      if (error instanceof Error && 'code' in error) return [];
      throw error;
    }
  });
}

function p99(samplesMs: readonly number[]): number {
  return rounded(
    percentile(
      [...samplesMs].sort((a, b) => a - b),
      0.99,
    ) / 1_000,
  );
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}
