/**
 * The composition root: builds the whole app on one data folder, in the order in which the parts
 * need each other, and ends it the other way round.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#shared/contract/error.ts';
import type { ContractHandlers } from '#shared/contract/handlers.ts';
import { gantryVersion } from '#shared/contract/version.ts';
import type { HostView, ProjectView } from '#shared/contract/views.ts';
import { agentRefSchema } from '#shared/model/agent.ts';
import { agentCapabilities } from '../agents/capabilities.ts';
import { detectAgents } from '../agents/detect-agents.ts';
import { contractHandlers } from '../api/handlers.ts';
import { laneFoldersAt } from '../coordinator/drive/lane-folders.ts';
import { listeningPortProbe } from '../coordinator/drive/port-ranges.ts';
import { type Coordinator, openCoordinator } from '../coordinator/open-coordinator.ts';
import { openGit } from '../git/open-git.ts';
import { systemClock } from '../platform/clock.ts';
import { lockFolder } from '../platform/folder-lock.ts';
import { endLostGates, shellGateRunner } from '../platform/gate-runner.ts';
import { openLog } from '../platform/log.ts';
import { systemRandom } from '../platform/random.ts';
import type { Log } from '../ports/log.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { openRaftCluster } from '../raft/cluster/raft-cluster.ts';
import { openWorkerClient } from '../worker-client/worker-client.ts';
import { makeSampleRepository } from './demo/sample-repository.ts';
import { sampleAgents, sampleGates, sampleTasks } from './demo/sample-tasks.ts';
import { entries } from './entries.ts';
import { listFolder } from './folder-listing.ts';
import { HostVitals } from './host-vitals.ts';
import { MachineCheck } from './machine.ts';
import { explainFolderFailure } from './explain-folder-failure.ts';
import type { TextSealer } from '../ports/text-sealer.ts';
import { openServices } from './open-services.ts';

export interface StartAppOptions {
  readonly dataFolder: string;
  readonly kind: HostView['kind'];
  /** Shows what is stored and starts nothing: for commands that only look. */
  readonly viewOnly: boolean;
  /** Cares for services but sets no agent to work and merges nothing: for commands about services. */
  readonly withoutAgents?: boolean;
  /** The Node that runs the worker and the git helper; default: the one that runs this. */
  readonly nodeProgram?: string;
  /** What the host's runtime seals master keys with, where the system has no other keychain. */
  readonly sealer?: TextSealer | null;
}

/** The app, ready to be served. */
export interface App {
  readonly handlers: ContractHandlers;
  readonly log: Log;
  openProject(path: string): Promise<ProjectView>;
  /** Makes the sample repository and sets the demo agents to work on it. */
  openDemo(): Promise<ProjectView>;
  /** Ends everything but the worker and what it runs. Asked again, it waits for the same end. */
  close(): Promise<void>;
}

/**
 * Starts the app. Rejects with a `GantryError` when the folder is in use (`folder-in-use`, naming
 * by whom), cannot be written, or the disk is full.
 */
export async function startApp(options: StartAppOptions): Promise<App> {
  const { dataFolder, kind } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw explainFolderFailure(dataFolder, error);
  });
  // Each part is ended although the end of another failed, so that the folder is always given back.
  const owned = new AsyncDisposableStack();
  try {
    return await start(options);
  } catch (error) {
    await owned.disposeAsync();
    throw error instanceof GantryError ? error : explainFolderFailure(dataFolder, error);
  }

  async function start({ nodeProgram, viewOnly, withoutAgents = false, sealer = null }: StartAppOptions): Promise<App> {
    const leavesCode = viewOnly || withoutAgents;
    const lock = lockFolder(dataFolder);
    if (!lock.ok) {
      const holder = lock.error;
      throw new GantryError(
        'folder-in-use',
        `Gantry already runs on ${dataFolder}: process ${holder.pid} on ${holder.host}, since ${new Date(holder.startedAtMs).toISOString()} (${holder.command}). Use that one, end it, or choose another folder with GANTRY_HOME.`,
        { data: holder },
      );
    }
    owned.defer(() => lock.value.dispose());
    const log = openLog({ folder: dataFolder, level: 'info' });
    owned.defer(() => log.dispose());
    owned.defer(() => log.info('closed'));
    const clock = systemClock;
    const random = systemRandom;
    log.info('starting', { version: gantryVersion, kind, pid: process.pid });

    const git = openGit({
      dataFolder,
      log: log.child({ component: 'git' }),
      helperProgram: entries.gitHelper,
      ...(nodeProgram === undefined ? {} : { nodeProgram }),
    });
    owned.defer(() => git.close());
    const cluster = await openRaftCluster({
      folder: join(dataFolder, 'raft'),
      nodeProgram: entries.raftNode,
      clock,
      random,
      log: log.child({ component: 'raft' }),
    });
    owned.defer(() => cluster.close());
    const worker = openWorkerClient({
      home: dataFolder,
      clock,
      log: log.child({ component: 'worker' }),
      entry: entries.worker,
      attachOnly: leavesCode,
      ...(nodeProgram === undefined ? {} : { nodePath: nodeProgram }),
    });
    owned.defer(() => worker.close());
    if (!leavesCode) {
      const left = await endLostGates(dataFolder, clock);
      if (left > 0) log.warn('processes of gates that were cut short cannot be ended', { left });
    }
    // Each of the two needs the other: code is built for services, services are cared for before code goes back.
    let orchestrator: Orchestrator | null = null;
    const coordinator = await openCoordinator({
      store: cluster.store,
      git,
      worker,
      clock,
      random,
      log: log.child({ component: 'coordinator' }),
      gates: shellGateRunner({ clock, log: log.child({ component: 'gates' }), baseEnv: process.env, dataFolder }),
      folders: laneFoldersAt(join(dataFolder, 'lanes')),
      ports: listeningPortProbe,
      agentCapabilities,
      services: { backUp: async (serviceIds, why) => orchestrator?.volumes.backUpFor(serviceIds, why) },
      viewOnly: leavesCode,
    });
    owned.defer(async () => {
      coordinator.dispose();
      // Detached before the coordinator is waited for: it may be asking a worker that hangs.
      worker.close();
      await coordinator.idle();
    });

    const opened = await openServices({
      dataFolder,
      store: cluster.store,
      code: coordinator.code(join(dataFolder, 'builds')),
      clock,
      random,
      log: log.child({ component: 'services' }),
      viewOnly,
      sealer,
    });
    orchestrator = opened;
    owned.defer(() => opened.dispose());

    const openDemo = async (): Promise<ProjectView> => {
      const path = await makeSampleRepository(dataFolder);
      const project = await coordinator.projects.open(path, { isDemo: true, gates: [...sampleGates] });
      await coordinator.tasks.add(project.id, [...sampleTasks]);
      await coordinator.lanes.setFleet(project.id, agentRefSchema.parse('demo'), sampleAgents);
      return coordinator.views.project(project.id) ?? project;
    };
    const machine = new MachineCheck({ git, detectAgents, dataFolder, clock });
    const eventCount = (): number => coordinator.views.eventsTotal();
    const vitals = new HostVitals({ kind, dataFolder, clock, worker, eventCount });
    owned.defer(() => vitals.dispose());
    const asAsked = async (opening: Promise<ProjectView>): Promise<ProjectView> => {
      const project = await opening;
      vitals.ask(project.id);
      return project;
    };
    let closing: Promise<void> | null = null;
    return {
      log,
      handlers: contractHandlers({
        coordinator,
        orchestrator: opened,
        cluster,
        worker,
        openDemo,
        host: {
          machine: (again) => machine.check(again),
          listFolder,
          vitals,
          shutdownWorker: async () => {
            await endFleets(coordinator, log);
            const ended = await worker.shutdown();
            if (!ended.ok) throw new GantryError('worker-unavailable', ended.error.message, { retryable: true });
            return ended.value;
          },
        },
      }),
      openProject: (path) => asAsked(coordinator.projects.open(path)),
      openDemo: () => asAsked(openDemo()),
      close() {
        closing ??= owned.disposeAsync();
        return closing;
      },
    };
  }
}

/** Wants no agents any more. What runs is ended even where that cannot be stored, as without a quorum. */
async function endFleets(coordinator: Coordinator, log: Log): Promise<void> {
  for (const { id: projectId, fleet } of coordinator.views.projects()) {
    try {
      for (const { agent, count } of fleet) if (count > 0) await coordinator.lanes.setFleet(projectId, agent, 0);
    } catch (error) {
      log.warn('a fleet could not be ended before the shutdown', { projectId, error: String(error) });
    }
  }
}
