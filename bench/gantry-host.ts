/** A real host in a process of its own, on a data folder of its own, for benchmarks of the whole. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Repository } from '../e2e/fixtures/repository.ts';
import { connectHost, findHost } from '../src-main/cli/host-connection.ts';
import { type WatchedMap, watchMap } from '../src-main/cli/watched-map.ts';
import { systemClock } from '../src-main/platform/clock.ts';
import { shutdownWorker } from '../src-main/worker-client/shutdown-worker.ts';
import type { ConnectedContractClient } from '../src-shared/contract/connect-client.ts';
import type { LaneView, ProjectView, TaskView } from '../src-shared/contract/views.ts';
import { type AgentRef, agentRefSchema } from '../src-shared/model/agent.ts';
import { taskSpecSchema } from '../src-shared/model/task.ts';

const clockTicksPerSecond = 100;
const pageBytes = 4_096;

/** What one opened repository shows, over the contract. */
export interface BenchProject {
  readonly repository: Repository;
  readonly project: ProjectView;
  readonly tasks: WatchedMap<TaskView>;
  readonly lanes: WatchedMap<LaneView>;
}

export class GantryHost implements AsyncDisposable {
  readonly client: ConnectedContractClient;
  readonly pid: number;
  readonly home: string;
  readonly #close: () => Promise<void>;
  readonly #repositories: Repository[] = [];

  private constructor(home: string, client: ConnectedContractClient, pid: number, close: () => Promise<void>) {
    this.home = home;
    this.client = client;
    this.pid = pid;
    this.#close = close;
  }

  static async start(): Promise<GantryHost> {
    const home = mkdtempSync(join(tmpdir(), 'gantry-bench-'));
    const connection = await connectHost(home, { viewOnly: false });
    const pid = findHost(home)?.pid;
    if (pid === undefined) throw new Error('the host did not publish itself');
    return new GantryHost(home, connection.client, pid, () => connection.close());
  }

  /** Opens a new repository with `count` tasks that do not depend on each other. */
  async open(count: number): Promise<BenchProject> {
    const repository = new Repository();
    this.#repositories.push(repository);
    const project = await this.client.call('project.open', { path: repository.path });
    const projectId = project.id;
    const [tasks, lanes] = [
      await watchMap(this.client, 'task.watch', { projectId }),
      await watchMap(this.client, 'lane.watch', { projectId }),
    ];
    await this.client.call('task.add', {
      projectId,
      tasks: Array.from({ length: count }, (_, index) =>
        taskSpecSchema.parse({ key: `t${index + 1}`, title: `Task ${index + 1}`, prompt: 'Work.' }),
      ),
    });
    return { repository, project, tasks, lanes };
  }

  async setFleet({ project }: BenchProject, agent: AgentRef, count: number): Promise<void> {
    await this.client.call('lane.setFleet', { projectId: project.id, agent, count });
  }

  /** CPU time that the host has used, in seconds: its main thread, and all threads. Linux. */
  cpuSeconds(): { main: number; all: number } {
    return {
      main: cpuSecondsOf(`/proc/${this.pid}/task/${this.pid}/stat`),
      all: cpuSecondsOf(`/proc/${this.pid}/stat`),
    };
  }

  /** Memory that the host has resident, in bytes. Linux. */
  residentBytes(): number {
    return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    const ended = await shutdownWorker(this.home, systemClock);
    if (!ended.ok) throw new Error(ended.error);
    for (const repository of this.#repositories) repository.dispose();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function cpuSecondsOf(statFile: string): number {
  const fields = readFileSync(statFile, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

/** True once every one of `count` tasks has landed. */
export function areMerged({ tasks }: Pick<BenchProject, 'tasks'>, count: number): boolean {
  return tasks.values.size === count && [...tasks.values.values()].every((task) => task.shown === 'merged');
}

/** An agent that waits like on a model, then writes the file of its task. */
export function waitingAgent(seconds: number): AgentRef {
  return agentRefSchema.parse(
    `command:sleep ${seconds}; mkdir -p work; echo "$GANTRY_TASK_ID" > "work/$GANTRY_TASK_ID.txt"`,
  );
}

/** Resolves once `isTrue` after a change of either map; rejects after `timeoutMs`. */
export function untilShown(
  maps: readonly WatchedMap<unknown>[],
  isTrue: () => boolean,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      for (const subscription of subscriptions) subscription.dispose();
      finish();
    };
    const look = (): void => {
      if (isTrue()) settle(resolve);
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error('what was waited for did not happen in time'))),
      timeoutMs,
    );
    const subscriptions = maps.map((map) => map.onDidChange(look));
    look();
  });
}
