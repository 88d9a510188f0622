import { GantryError } from '#shared/contract/error.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import type { GateSpec } from '#shared/model/gate.ts';
import type { BranchName, ProjectId } from '#shared/model/ids.ts';
import type { CoordinatorCore } from './coordinator-core.ts';
import { recordOpening } from './opening.ts';
import { recordOutsideCommits } from './outside-commits.ts';
import { storedProject } from './project-context.ts';
import type { Views } from './views.ts';
import { proposeOrThrow } from '../../reactor/propose.ts';

/** What `project.configure` may change. */
export interface ProjectChange {
  readonly targetBranch?: BranchName | undefined;
  readonly gates?: GateSpec[] | undefined;
  readonly autoMerge?: boolean | undefined;
  readonly attemptsMax?: number | undefined;
  readonly reworksMax?: number | undefined;
  readonly stallMs?: number | undefined;
}

/** What a person can ask about projects. Each refuses with a `GantryError`. */
export class ProjectRequests {
  readonly #core: CoordinatorCore;
  readonly #views: Views;

  constructor(core: CoordinatorCore, views: Views) {
    this.#core = core;
    this.#views = views;
  }

  /** Opens a repository as a project, or the project that it is already, and begins to drive it. */
  async open(path: string, options: { isDemo?: boolean; gates?: GateSpec[] } = {}): Promise<ProjectView> {
    const { world } = this.#core;
    const opened = await world.git.open(path);
    if (!opened.ok) throw opened.error;
    const repository = opened.value;
    const { projectId } = repository;
    await proposeOrThrow(world, {
      kind: 'project.open',
      projectId,
      path: repository.path,
      name: repository.name,
      targetBranch: repository.currentBranch,
      gates: options.gates ?? [],
      isDemo: options.isDemo ?? false,
    });
    await this.#core.refreshProjects();
    const driver = this.#core.driver(projectId);
    if (driver) await recordOpening(driver.context);
    return this.#view(projectId);
  }

  async configure(projectId: ProjectId, change: ProjectChange): Promise<ProjectView> {
    const { targetBranch } = change;
    if (targetBranch !== undefined) {
      const { repository } = this.#core.usable(projectId).context;
      if ((await repository.branchHead(targetBranch)) === null) {
        throw new GantryError(
          'unknown-branch',
          `The repository has no branch ${targetBranch}. Nothing was changed. Choose one that exists.`,
        );
      }
    }
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    await proposeOrThrow(this.#core.world, { kind: 'project.configure', projectId, change: given });
    this.#core.driver(projectId)?.onRepositoryChange();
    return this.#view(projectId);
  }

  /** Moves the target forward to where merges landed while its checkout was not clean. */
  async bringIn(projectId: ProjectId): Promise<ProjectView> {
    const driver = this.#core.usable(projectId);
    await driver.context.integration.run(async () => {
      const { repository } = driver.context;
      const brought = await repository.bringIn(storedProject(driver.context).targetBranch);
      if (!brought.ok) throw brought.error;
    });
    await driver.context.integration.run(() => recordOutsideCommits(driver.context));
    driver.context.mergeProblem = null;
    await driver.readRepository();
    driver.onRepositoryChange();
    return this.#view(projectId);
  }

  /** Takes the project off the list; nothing in the repository is removed. */
  async forget(projectId: ProjectId): Promise<void> {
    await proposeOrThrow(this.#core.world, { kind: 'project.forget', projectId });
    await this.#core.refreshProjects();
  }

  #view(projectId: ProjectId): ProjectView {
    const view = this.#views.project(projectId);
    if (!view) throw new GantryError('not-found', `The project ${projectId} is not open.`);
    return view;
  }
}
