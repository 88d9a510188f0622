/** A real host in a process of its own, on a data folder of its own, for benchmarks of the whole. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

  /**
   * CPU time that was used so far, in seconds: by the host's main thread, by all its threads, by
   * its git helper, and by the git commands which that started and which have ended. Linux.
   */
  cpuSeconds(): { main: number; all: number; gitHelper: number; git: number } {
    const helper = this.#gitHelperPid();
    const helperCpu = helper === null ? { own: 0, ofChildren: 0 } : cpuSecondsOf(`/proc/${helper}/stat`);
    return {
      main: cpuSecondsOf(`/proc/${this.pid}/task/${this.pid}/stat`).own,
      all: cpuSecondsOf(`/proc/${this.pid}/stat`).own,
      gitHelper: helperCpu.own,
      git: helperCpu.ofChildren,
    };
  }

  /** Memory that the host has resident, and what its git helper has for itself, in bytes. Linux. */
  residentBytes(): number {
    const helper = this.#gitHelperPid();
    const helperStatus = helper === null ? '' : readFileSync(`/proc/${helper}/status`, 'utf8');
    const helperKilobytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(helperStatus)?.[1] ?? 0);
    return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * pageBytes + helperKilobytes * 1_024;
  }

  /** Null before the host has asked git for anything. */
  #gitHelperPid(): string | null {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').split(' ');
    const isHelper = (pid: string): boolean =>
      existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('git-helper');
    return children.find((pid) => pid !== '' && isHelper(pid)) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    const ended = await shutdownWorker(this.home, systemClock);
    if (!ended.ok) throw new Error(ended.error);
    for (const repository of this.#repositories) repository.dispose();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function cpuSecondsOf(statFile: string): { own: number; ofChildren: number } {
  const fields = readFileSync(statFile, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map((ticks) => Number(ticks));
  const seconds = (one = 0, other = 0): number => (one + other) / clockTicksPerSecond;
  return { own: seconds(user, system), ofChildren: seconds(childrenUser, childrenSystem) };
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
