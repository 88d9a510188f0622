/** What this machine has of what Gantry can use. Looked up once and again on request. */
import { statfs } from 'node:fs/promises';
import type { Machine } from '#shared/contract/contract.ts';
import type { AgentInfo } from '#shared/model/agent.ts';
import type { Clock } from '../ports/clock.ts';
import type { Git } from '../ports/git.ts';

/** Finds out and remembers. Two callers at once share one search. */
export class MachineCheck {
  readonly #git: Git;
  readonly #detectAgents: () => Promise<AgentInfo[]>;
  readonly #dataFolder: string;
  readonly #clock: Clock;
  #known: Promise<Machine> | null = null;

  constructor(options: { git: Git; detectAgents: () => Promise<AgentInfo[]>; dataFolder: string; clock: Clock }) {
    this.#git = options.git;
    this.#detectAgents = options.detectAgents;
    this.#dataFolder = options.dataFolder;
    this.#clock = options.clock;
  }

  /** The last answer, or a new one when there is none, it failed, or `again` is asked. */
  check(again: boolean): Promise<Machine> {
    if (this.#known === null || again) {
      const search = this.#search();
      this.#known = search;
      search.catch(() => {
        if (this.#known === search) this.#known = null;
      });
    }
    return this.#known;
  }

  async #search(): Promise<Machine> {
    const [git, agents, disk] = await Promise.all([
      this.#git.version(),
      this.#detectAgents(),
      freeDisk(this.#dataFolder),
    ]);
    return {
      checkedAtMs: this.#clock.nowMs(),
      git: git.ok
        ? { state: 'ready', version: git.value }
        : git.error.code === 'git-too-old'
          ? { state: 'too-old', version: String(git.error.data ?? ''), advice: git.error.message }
          : { state: 'missing', advice: git.error.message },
      agents,
      disk,
    };
  }
}

/** Free space where `folder` lies; null where the platform does not say. */
export async function freeDisk(folder: string): Promise<{ freeBytes: number } | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
