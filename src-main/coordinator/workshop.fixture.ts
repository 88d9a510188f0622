/** A whole coordinator on a real repository and a real store, for tests. Dispose it to remove everything. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import type { RunOutcome } from '#shared/model/agent-event.ts';
import type { AgentRef } from '#shared/model/agent.ts';
import type { GateSpec } from '#shared/model/gate.ts';
import type { ProjectId, TaskId } from '#shared/model/ids.ts';
import type { TaskSpec } from '#shared/model/task.ts';
import { entries } from '../app/entries.ts';
import { type OpenGit, openGit } from '../git/open-git.ts';
import { systemClock } from '../platform/clock.ts';
import { shellGateRunner } from '../platform/gate-runner.ts';
import { systemRandom } from '../platform/random.ts';
import type { Log } from '../ports/log.ts';
import type { WorkerPort } from '../ports/worker.ts';
import { localControlStore, type LocalControlStore } from '../state/local-control-store.ts';
import { laneFoldersAt } from './drive/lane-folders.ts';
import { listeningPortProbe } from './drive/port-ranges.ts';
import type { World } from './drive/world.ts';
import { type Coordinator, openCoordinator } from './open-coordinator.ts';

export const ok = (summary = 'Done.'): RunOutcome => ({ kind: 'ok', summary });
export const anyAgent = 'demo' as AgentRef;
const waitMsMax = 20_000;

/** Lines go nowhere unless GANTRY_TEST_LOG is set. */
export const testLog: Log = {
  debug: () => undefined,
  info: (message, fields) => print('info', message, fields),
  warn: (message, fields) => print('warn', message, fields),
  error: (message, fields) => print('error', message, fields),
  child: () => testLog,
};

function print(level: string, message: string, fields: unknown): void {
  if (process.env['GANTRY_TEST_LOG']) process.stderr.write(`${level} ${message} ${JSON.stringify(fields ?? {})}\n`);
}

export interface WorkshopOptions {
  readonly worker: WorkerPort;
  readonly rework?: 'continue' | 'restart';
  readonly gates?: GateSpec[];
  /** Files of the first commit. */
  readonly files?: Readonly<Record<string, string>>;
}

export class Workshop {
  readonly root: string;
  readonly repository: string;
  readonly options: WorkshopOptions;
  #store: LocalControlStore;
  #coordinator: Coordinator | null = null;
  readonly #gits: OpenGit[] = [];
  projectId = '' as ProjectId;

  constructor(options: WorkshopOptions) {
    this.options = options;
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-workshop-')));
    this.repository = join(this.root, 'repository');
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', this.repository]);
    for (const [path, text] of Object.entries(options.files ?? { 'README.md': 'A sample.\n' })) {
      writeFileSync(join(this.repository, path), text);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '-m', 'Begin');
    this.#store = localControlStore(join(this.root, 'state.db'));
  }

  get store(): LocalControlStore {
    return this.#store;
  }

  get coordinator(): Coordinator {
    if (!this.#coordinator) throw new Error('the coordinator is not open');
    return this.#coordinator;
  }

  /** Git as the person runs it. */
  git(...args: string[]): string {
    const identity = ['-c', 'user.name=Person', '-c', 'user.email=person@example.invalid'];
    return execFileSync('git', [...identity, ...args], { cwd: this.repository, encoding: 'utf8' }).trim();
  }

  world(): World {
    const git = openGit({ dataFolder: join(this.root, 'data'), log: testLog, helperProgram: entries.gitHelper });
    this.#gits.push(git);
    return {
      store: this.#store,
      git,
      worker: this.options.worker,
      clock: systemClock,
      random: systemRandom,
      log: testLog,
      gates: shellGateRunner({
        clock: systemClock,
        log: testLog,
        baseEnv: process.env,
        dataFolder: join(this.root, 'data'),
      }),
      folders: laneFoldersAt(join(this.root, 'lanes')),
      ports: listeningPortProbe,
      agentCapabilities: () => ({ rework: this.options.rework ?? 'continue', messages: true }),
    };
  }

  /** Opens the coordinator, and the repository as its project the first time. */
  async open(world = this.world()): Promise<Coordinator> {
    this.#coordinator = await openCoordinator(world);
    if (this.projectId === '') {
      const view = await this.#coordinator.projects.open(this.repository, { gates: this.options.gates ?? [] });
      this.projectId = view.id;
    }
    return this.#coordinator;
  }

  /** Ends the coordinator and opens its state anew. One that died answers nothing and is not waited for. */
  async reopenStore(isDead = false): Promise<void> {
    this.#coordinator?.dispose();
    if (!isDead) await this.#coordinator?.idle();
    this.#coordinator = null;
    this.#store.dispose();
    this.#store = localControlStore(join(this.root, 'state.db'));
  }

  addTasks(...tasks: { key: string; prompt?: string; dependsOn?: string[]; gate?: string }[]): Promise<TaskId[]> {
    const specs = tasks.map(
      (task) =>
        ({
          title: `Task ${task.key}`,
          prompt: 'Do it.',
          dependsOn: [],
          priority: 3,
          phase: '',
          paths: [],
          agent: null,
          gate: null,
          ...task,
        }) as unknown as TaskSpec,
    );
    return this.coordinator.tasks.add(this.projectId, specs);
  }

  spawn(count: number, agent = anyAgent): Promise<number> {
    return this.coordinator.lanes.spawn(this.projectId, agent, count);
  }

  view(): ProjectView {
    const view = this.coordinator.views.project(this.projectId);
    if (!view) throw new Error('the project is gone');
    return view;
  }

  /** States of all tasks, `key state` each. */
  taskStates(): string[] {
    return this.#store.read.tasks(this.projectId).map((task) => `${task.key} ${task.status.state}`);
  }

  /** Waits for a condition on the stored state or on views; looks again whenever something changed. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const { coordinator } = this;
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!holds()) return;
        finish();
        resolve();
      };
      const change = coordinator.onDidChange(check);
      const every = systemClock.every(50, check);
      const timeout = systemClock.after(waitMsMax, () => {
        finish();
        const lanes = coordinator.views
          .lanes(this.projectId)
          .map((lane) => `${lane.number} ${lane.status} ${lane.step}`);
        reject(new Error(`waited in vain until ${what}: ${[...this.taskStates(), ...lanes].join('; ')}`));
      });
      const finish = (): void => {
        change.dispose();
        every.dispose();
        timeout.dispose();
      };
      check();
    });
  }

  allMerged(): boolean {
    return this.taskStates().every((state) => state.endsWith(' merged'));
  }

  untilAllMerged(): Promise<void> {
    return this.until('all tasks are merged', () => this.allMerged());
  }

  /** Subjects of the target's own line, newest first. */
  log(branch = 'main'): string[] {
    return this.git('log', '--first-parent', '--format=%s', branch).split('\n');
  }

  async dispose(): Promise<void> {
    const { worker } = this.options;
    await worker.shutdown();
    this.#coordinator?.dispose();
    await this.#coordinator?.idle();
    for (const git of this.#gits) await git.close();
    this.#store.dispose();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The code of the `GantryError` that a request is refused with. */
export async function refusalCode(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof GantryError) return error.code;
    throw error;
  }
  return 'not refused';
}
