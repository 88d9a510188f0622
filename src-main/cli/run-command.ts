/** `gantry run`: works a plan off with no screen, by asking the host for what a person would click. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ContractClient } from '#shared/contract/client.ts';
import { GantryError } from '#shared/contract/error.ts';
import { type AgentRef, agentRefSchema } from '#shared/model/agent.ts';
import { branchNameSchema } from '#shared/model/ids.ts';
import type { Arguments } from './arguments.ts';
import { durationText, RunProgress } from './run-progress.ts';
import { type RunSummary, summarise, unfinishedTasks } from './run-summary.ts';
import { watchMap } from './watched-map.ts';

/** Where the command writes: progress apart from what a script reads. */
export interface Terminal {
  progress(line: string): void;
  result(line: string): void;
}

/**
 * Loads the plan, keeps `agents` of the kind busy, and answers once nothing more can happen
 * without a person, or `interrupted` aborts (null then). Everything it did stays.
 */
export async function run(
  client: ContractClient,
  args: Arguments,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<RunSummary | null> {
  const agent = agentRefSchema.safeParse(args.agent);
  if (!agent.success) {
    throw new GantryError(
      'invalid-input',
      `--agent "${args.agent}" is not a kind of agent. Write demo, codex, claude, opencode, gemini, acp:COMMAND or command:COMMAND.`,
    );
  }
  await refuseMissingAgent(client, agent.data);
  const planPath = resolve(args.plan ?? '');
  const text = readPlan(planPath);

  const started = Date.now();
  const project = await client.call('project.open', { path: resolve(args.repo ?? '.') });
  await client.call('project.configure', {
    projectId: project.id,
    autoMerge: true,
    ...(args.gates.length === 0
      ? {}
      : {
          gates: args.gates.map((command, index) => ({
            name: args.gates.length === 1 ? 'gate' : `gate ${index + 1}`,
            command,
          })),
        }),
    ...(args.target === null ? {} : { targetBranch: branchNameSchema.parse(args.target) }),
  });
  const plan = await client.call('task.loadPlan', { projectId: project.id, fileName: basename(planPath), text });
  const wanted = new Set<string>([...plan.added, ...plan.kept]);
  if (plan.kept.length > 0)
    terminal.progress(`Going on: ${plan.kept.length} of ${wanted.size} tasks are known already.`);

  for (const fleet of project.fleet) {
    if (fleet.agent !== agent.data)
      await client.call('lane.setFleet', { projectId: project.id, agent: fleet.agent, count: 0 });
  }
  await client.call('lane.setFleet', { projectId: project.id, agent: agent.data, count: args.agents });

  const [tasks, lanes] = await Promise.all([
    watchMap(client, 'task.watch', { projectId: project.id }),
    watchMap(client, 'lane.watch', { projectId: project.id }),
  ]);
  const ours = () => [...tasks.values.values()].filter((task) => wanted.has(task.id)).sort((a, b) => a.order - b.order);
  const theirLanes = () =>
    [...lanes.values.values()]
      .filter((lane) => lane.taskId !== null && wanted.has(lane.taskId))
      .sort((a, b) => a.number - b.number);
  const progress = new RunProgress();
  const finished = await new Promise<boolean>((settle) => {
    const look = (): void => {
      for (const line of progress.update(ours(), theirLanes())) terminal.progress(line);
      if (ours().length === wanted.size && unfinishedTasks(ours()).length === 0) settle(true);
    };
    tasks.onDidChange(look);
    lanes.onDidChange(look);
    interrupted.addEventListener('abort', () => settle(false), { once: true });
    if (interrupted.aborted) settle(false);
    look();
  });
  tasks.dispose();
  lanes.dispose();
  if (!finished) return null;
  await client.call('lane.setFleet', { projectId: project.id, agent: agent.data, count: 0 });
  return summarise(ours(), theirLanes(), Date.now() - started);
}

/** An agent that is not there is said at once, not found out by each task. */
async function refuseMissingAgent(client: ContractClient, agent: AgentRef): Promise<void> {
  const { agents } = await client.call('host.machine', {});
  const info = agents.find((each) => each.ref === agent);
  if (info === undefined || info.found.state === 'installed') return;
  const why = info.found.state === 'missing' ? 'is not installed' : `cannot be used: ${info.found.reason}`;
  throw new GantryError(
    'agent-missing',
    `${info.name} ${why}. Nothing was started. Install it with: ${info.found.installCommand}`,
  );
}

/** The summary in words. */
export function summaryLines(summary: RunSummary): string[] {
  const tokens = summary.inputTokens + summary.outputTokens;
  const rest = [
    summary.failed > 0 ? `${summary.failed} failed` : '',
    summary.cancelled > 0 ? `${summary.cancelled} cancelled` : '',
    summary.blocked > 0 ? `${summary.blocked} blocked by those` : '',
  ].filter(Boolean);
  return [
    '',
    `${summary.merged} of ${summary.tasks} tasks merged${rest.length > 0 ? `, ${rest.join(', ')}` : ''}.`,
    `${summary.conflicts} given back for rework, ${durationText(summary.durationMs)}${tokens > 0 ? `, ${tokens} tokens` : ''}${summary.costUsd === null ? '' : `, $${summary.costUsd.toFixed(2)}`}.`,
  ];
}

function readPlan(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'it does not exist' : String(error);
    throw new GantryError('invalid-plan', `The plan ${path} cannot be read: ${why}.`);
  }
}
