/** One lane of a busy fleet, as its row is sent to the panel. */
import type { SeededRandom } from '../../src-main/simulator/seeded-random.ts';
import type { LaneStatus, LaneView } from '../../src-shared/contract/views.ts';
import { agentRefSchema } from '../../src-shared/model/agent.ts';
import {
  branchNameSchema,
  commitIdSchema,
  laneIdSchema,
  type ProjectId,
  taskIdOf,
  taskKeySchema,
} from '../../src-shared/model/ids.ts';

/** What agents are seen to do. */
export const steps = [
  'Editing src/tracking/stream.ts',
  'Reading src/carriers/http.ts',
  'Running npm test -- quote',
  'Running rg toXml src',
  'Editing packages/sdk/errors.ts, 3 of 7',
  'Thinking',
  'Searching `label-*` in infra',
  'Running psql -f explain.sql',
] as const;

const titles = [
  'Verify HMAC signatures on carrier webhooks',
  'Index shipments by carrier reference',
  'Split rate shopping out of the quote route',
  'Embed label fonts once per document',
  'Return 409 on duplicate shipment keys',
  'Paginate the events endpoint by cursor',
  'Translate customs forms (fr, de, nl)',
] as const;

const agents = [
  ['claude', 'Claude Code', 'cc'],
  ['codex', 'Codex', 'cx'],
  ['opencode', 'OpenCode', 'oc'],
  ['gemini', 'Gemini', 'ge'],
] as const;

/** What stands where the step is, for lanes that do not run. */
const stepOf: Partial<Record<LaneStatus, string>> = {
  waiting: 'Wants to run a command that adds a dependency',
  failed: 'Gate failed: tests, 3 of 812, first in `quote.test.ts`',
  stale: 'The worker does not answer',
  paused: 'Paused',
  gating: 'Gate: tests',
};

/** A lane with this number that has been in `status` for a while. */
export function busyLane(
  projectId: ProjectId,
  number: number,
  status: LaneStatus,
  nowMs: number,
  random: SeededRandom,
): LaneView {
  const key = taskKeySchema.parse(`T-${number}`);
  const [ref, agentName, agentShort] = random.pick(agents);
  const startedAtMs = nowMs - random.between(5_000, 2_400_000);
  const reachable = status === 'running' || status === 'waiting';
  return {
    id: laneIdSchema.parse(`lane-${String(number).padStart(8, '0')}`),
    projectId,
    number,
    status,
    agent: agentRefSchema.parse(ref),
    agentName,
    agentShort,
    taskId: taskIdOf(projectId, key),
    taskKey: key,
    title: `${random.pick(titles)} (${number})`,
    step: stepOf[status] ?? random.pick(steps),
    ask: status === 'waiting' ? askOf(nowMs) : null,
    workspace: {
      worktree: `/home/dev/.local/share/gantry/worktrees/parcel/${number}`,
      branch: branchNameSchema.parse(`gantry/${number}-${random.id(8)}`),
      baseCommit: commitIdSchema.parse('51e0c7a000000000000000000000000000000000'),
      portFirst: 4_000 + number * 10,
      portLast: 4_009 + number * 10,
    },
    changes: { files: random.between(1, 9), added: random.below(400), removed: random.below(90) },
    collisions: number % 40 === 0 ? [{ laneId: null, laneNumber: null, path: 'src/api.ts' }] : [],
    usage: {
      inputTokens: random.below(400_000),
      outputTokens: random.below(50_000),
      cachedTokens: 0,
      costUsd: random.below(400) / 100,
    },
    cpuPercent: random.below(1_000) / 10,
    memoryBytes: random.between(300, 500) * 1_048_576,
    activity: Array.from({ length: 24 }, () => (reachable ? random.below(30) : 0)),
    attempts: 1,
    reworks: 0,
    openedAtMs: startedAtMs - 4_000,
    startedAtMs,
    endedAtMs: status === 'failed' ? nowMs : null,
    lastEventAtMs: nowMs,
    end: status === 'failed' ? { kind: 'failed', reason: 'The gate “tests” failed three times.', run: null } : null,
    gatesPassed: status === 'gating' ? 1 : null,
    gatesTotal: status === 'gating' ? 3 : null,
    can: {
      pause: reachable,
      resume: status === 'paused',
      interrupt: reachable,
      stop: status !== 'failed',
      message: reachable,
      retry: status === 'failed',
      handOver: true,
      merge: false,
    },
  };
}

function askOf(askedAtMs: number): NonNullable<LaneView['ask']> {
  return {
    requestId: 'request-1',
    title: 'Run a command that adds a dependency',
    command: 'npm install raw-body@3.0.1',
    options: [
      { optionId: 'once', name: 'Allow', kind: 'allow-once' },
      { optionId: 'always', name: 'Always allow', kind: 'allow-always' },
      { optionId: 'no', name: 'Deny', kind: 'reject-once' },
    ],
    askedAtMs,
  };
}
