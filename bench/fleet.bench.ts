/** How much faster N agents are than one while they wait on their model, and what that costs the app. */
import { type BenchmarkResult, percentile, rounded, target } from './benchmark.ts';
import { areMerged, GantryHost, untilShown, waitingAgent } from './gantry-host.ts';

export const name = 'fleet';
export const description = 'speed-up of 3, 5 and 20 waiting agents over one; CPU and memory of the app';

/** How long an agent waits. Models take minutes a task; shorter waits make our own share look larger. */
const waitSeconds = 30;
/** Agents and tasks: whole rounds, so that no agent idles at the end only because of the numbers. */
const runs = [
  { agents: 1, tasks: 2 },
  { agents: 3, tasks: 6 },
  { agents: 5, tasks: 10 },
  { agents: 20, tasks: 40 },
] as const;
const sampleMs = 500;
const runMsMax = 300_000;

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  await using host = await GantryHost.start();
  // The app's own share, before any lane.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const idleBytes = host.residentBytes();
  const metrics: Record<string, number> = {};
  const tasksPerSecond = new Map<number, number>();
  const memory: number[] = [];
  for (const { agents, tasks } of runs) {
    say(`${agents} agents, ${tasks} tasks that wait ${waitSeconds} s each`);
    const opened = await host.open(tasks);
    const sampler = setInterval(() => memory.push(host.residentBytes() - idleBytes), sampleMs);
    const startedMs = performance.now();
    const cpuBefore = host.cpuSeconds();
    await host.setFleet(opened, waitingAgent(waitSeconds), agents);
    await untilShown([opened.tasks], () => areMerged(opened, tasks), runMsMax).finally(() => clearInterval(sampler));
    const seconds = (performance.now() - startedMs) / 1_000;
    tasksPerSecond.set(agents, tasks / seconds);
    const cpu = host.cpuSeconds();
    metrics['coordinator_cpu_percent'] = rounded(((cpu.main - cpuBefore.main) / seconds) * 100);
    metrics['host_cpu_percent'] = rounded(((cpu.all - cpuBefore.all) / seconds) * 100);
    metrics['git_helper_cpu_percent'] = rounded(((cpu.gitHelper - cpuBefore.gitHelper) / seconds) * 100);
    metrics['git_cpu_percent'] = rounded(((cpu.git - cpuBefore.git) / seconds) * 100);
    metrics[`seconds_${agents}`] = rounded(seconds);
    await host.setFleet(opened, waitingAgent(waitSeconds), 0);
    opened.tasks.dispose();
    opened.lanes.dispose();
  }
  const one = tasksPerSecond.get(1) ?? Number.NaN;
  for (const agents of [3, 5, 20])
    metrics[`speedup_${agents}`] = rounded((tasksPerSecond.get(agents) ?? Number.NaN) / one);
  memory.sort((a, b) => a - b);
  metrics['coordinator_memory_mb'] = rounded(percentile(memory, 0.99) / 1024 / 1024);
  return {
    metrics,
    targets: [
      target(metrics, 'speedup_3', '>=', 2.85),
      target(metrics, 'speedup_5', '>=', 4.75),
      target(metrics, 'coordinator_cpu_percent', '<=', 5),
      target(metrics, 'coordinator_memory_mb', '<=', 100),
    ],
    notes: [
      'coordinator_cpu_percent: the main thread (coordinator, API) of one core, while 20 agents work; host_cpu_percent adds the three Raft nodes',
      'git_helper_cpu_percent: the process that starts git for the host; git_cpu_percent: the git commands themselves',
      'coordinator_memory_mb: what the host process grew by over its idle size, and what its git helper has for itself',
    ],
  };
}
