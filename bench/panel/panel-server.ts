/** The built panel on a real headless host, fed by a busy fleet: the real contract, wire and conflation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byId, feedAll } from '../../src-main/api/keyed-source.ts';
import { openHeadlessHost } from '../../src-main/headless/host.ts';
import type { Log } from '../../src-main/ports/log.ts';
import { Emitter } from '../../src-shared/base/emitter.ts';
import type { ContractHandlers } from '../../src-shared/contract/handlers.ts';
import type { HostView, ProjectView } from '../../src-shared/contract/views.ts';
import { agentRefSchema } from '../../src-shared/model/agent.ts';
import type { ClusterView, NodeView } from '../../src-shared/model/cluster.ts';
import { branchNameSchema, nodeIdSchema, projectIdSchema } from '../../src-shared/model/ids.ts';
import { BusyFleet } from './busy-fleet.ts';

const projectId = projectIdSchema.parse('parcel-3f2a9c');
const nodes = [1, 2, 3].map((number) => nodeIdSchema.parse(`node-${number}`));
/** Samples of one second each that the cluster's view carries. */
const clusterSamples = 600;
const seed = 1;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface PanelServer extends AsyncDisposable {
  readonly url: string;
  readonly fleet: BusyFleet;
}

/** Serves `panelFolder`, the built panel, with `lanes` live lanes. */
export async function openPanelServer(panelFolder: string, lanes: number): Promise<PanelServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'gantry-bench-panel-'));
  const fleet = new BusyFleet(projectId, lanes, seed);
  const ticks = new Emitter<void>();
  const ticker = setInterval(() => ticks.fire(), 1_000);
  const host = await openHeadlessHost({
    staticFolder: panelFolder,
    dataFolder,
    log: silent,
    handlers: handlersOf(fleet, ticks),
  });
  return {
    url: host.url,
    fleet,
    async [Symbol.asyncDispose]() {
      clearInterval(ticker);
      fleet.dispose();
      await host.close();
      rmSync(dataFolder, { recursive: true });
    },
  };
}

/** The streams of the lanes view and of the shell, fed as the real handlers feed them. */
function handlersOf(fleet: BusyFleet, ticks: Emitter<void>): Partial<ContractHandlers> {
  const startedAtMs = Date.now();
  return {
    'host.machine': async () => ({
      checkedAtMs: Date.now(),
      git: { state: 'ready', version: '2.47.1' },
      agents: [],
      disk: { freeBytes: 41_000_000_000 },
    }),
    'host.watch': (_input, sink) =>
      feedAll(
        sink,
        ticks.event,
        () => true,
        () => new Map([['host', hostView(fleet, startedAtMs)]]),
      ),
    'cluster.watch': (_input, sink) =>
      feedAll(
        sink,
        ticks.event,
        () => true,
        () => new Map([['cluster', clusterView(startedAtMs)]]),
      ),
    'project.watch': (_input, sink) =>
      feedAll(
        sink,
        fleet.onDidChange,
        () => true,
        () => byId([projectView(fleet, startedAtMs)]),
      ),
    'lane.watch': (_input, sink) => {
      for (const lane of fleet.lanes) sink.set(lane.id, lane);
      return fleet.onDidChange((lanes) => {
        for (const lane of lanes) sink.set(lane.id, lane);
      });
    },
  };
}

function hostView(fleet: BusyFleet, startedAtMs: number): HostView {
  const nowMs = Date.now();
  return {
    version: '0.1.0',
    kind: 'headless',
    dataFolder: '/home/dev/.local/share/gantry',
    startedAtMs,
    nowMs,
    eventsPerSecond: Math.round(fleet.events / Math.max(1, (nowMs - startedAtMs) / 1_000)),
    cpuPercent: 40 + (Math.floor(nowMs / 1_000) % 20),
    memoryBytes: 9_800_000_000,
    memoryTotalBytes: 32_000_000_000,
    worker: { state: 'connected', pid: 4_242, runs: fleet.lanes.length - fleet.merged },
    disk: { freeBytes: 41_000_000_000, low: false },
    asked: null,
  };
}

function projectView(fleet: BusyFleet, openedAtMs: number): ProjectView {
  const { lanes } = fleet;
  const having = (status: string): number => lanes.filter((lane) => lane.status === status).length;
  return {
    id: projectId,
    path: '/home/dev/code/parcel',
    name: 'parcel',
    targetBranch: branchNameSchema.parse('main'),
    gates: [],
    autoMerge: true,
    autoMergePausedBecause: null,
    attemptsMax: 3,
    reworksMax: 3,
    leaseMs: 30_000,
    stallMs: 600_000,
    isDemo: false,
    openedAtMs,
    available: true,
    unavailableBecause: null,
    branches: ['main', 'next'],
    targetHead: '8d20f71000000000000000000000000000000000',
    detour: null,
    fleet: [{ agent: agentRefSchema.parse('codex'), count: lanes.length - fleet.merged }],
    counts: {
      lanesWaiting: having('waiting'),
      lanesLive: lanes.length - fleet.merged,
      lanesRunning: having('running'),
      tasks: 2_000,
      tasksMerged: fleet.merged,
      tasksFailed: having('failed'),
      tasksOpen: 1_200,
      mergeQueue: having('gating'),
    },
    totals: {
      mergedToday: fleet.merged,
      tokens: lanes.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0),
      costUsd: 31.4,
    },
    rollingBack: false,
    mergeProblem: null,
  };
}

/** Three nodes that agree, with ten minutes of samples. */
function clusterView(startedAtMs: number): ClusterView {
  const nowMs = Date.now();
  const [, leader = null] = nodes;
  const atMs = (at: number): number => nowMs - (clusterSamples - at) * 1_000;
  const node = (id: NodeView['id'], at: number): NodeView => ({
    id,
    address: `thread ${at + 1}`,
    role: id === leader ? 'leader' : 'follower',
    votes: true,
    condition: { state: 'running' },
    term: 4,
    lastIndex: 90_412,
    commitIndex: 90_412,
    appliedIndex: 90_412,
    snapshotIndex: 84_000,
    logBytes: 18_200_000,
    stateHash: { hash: '7c1e', index: 90_412 },
    leaderSinceMs: id === leader ? startedAtMs : null,
    heardAtMs: nowMs - 20,
    leaderContactAtMs: nowMs - 38,
    lagEntries: 0,
    lagMs: 1,
    writesPerSecond: id === leader ? 213 : 0,
    fsyncP99Ms: 0.4,
    lagSamples: Array.from({ length: clusterSamples }, (_, sample) => ({
      atMs: atMs(sample),
      entries: sample % 3,
      ms: 1 + (sample % 5) / 10,
    })),
  });
  return {
    leaderId: leader,
    term: 4,
    voters: nodes.length,
    votersHealthy: nodes.length,
    failuresTolerated: 1,
    lastCommitAtMs: nowMs - 200,
    nodes: nodes.map(node),
    latency: Array.from({ length: clusterSamples }, (_, at) => ({
      atMs: atMs(at),
      commitP50Ms: 0.9,
      commitP99Ms: 2.4 + (at % 7) / 10,
      fsyncP99Ms: 0.4,
    })),
    leadership: [],
    absences: [],
    drills: [],
  };
}
