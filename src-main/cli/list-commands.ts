/** The commands that show something, and those that act on one checkpoint. */
import type { ContractClient } from '#shared/contract/client.ts';
import type { InputOf, ValueOf } from '#shared/contract/contract.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import { type CheckpointId, checkpointIdSchema } from '#shared/model/ids.ts';
import type { Rollback } from '#shared/model/checkpoint.ts';
import type { Arguments } from './arguments.ts';
import { chosenProject, projectsOf } from './chosen-project.ts';
import { print, table } from './print.ts';
import type { Terminal } from './run-command.ts';
import { rollbackLines, takenBackText } from './rollback-lines.ts';
import { watchMap } from './watched-map.ts';

/** `gantry status`. */
export async function status(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const projects = await projectsOf(client);
  print(terminal, args.json, projects, () =>
    table(
      ['project', 'target', 'tasks', 'merged', 'failed', 'lanes', 'needs input', 'auto-merge', 'path'],
      projects.map((project) => [
        project.name,
        project.targetBranch,
        project.counts.tasks,
        project.counts.tasksMerged,
        project.counts.tasksFailed,
        project.counts.lanesLive,
        project.counts.lanesWaiting,
        project.autoMerge ? 'on' : 'off',
        project.path,
      ]),
      'No project yet. Open one with "npm start", or work a plan off with "gantry run".',
    ),
  );
}

/** `gantry tasks`. */
export async function tasks(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const project = await chosenProject(client, args.project);
  const all = await snapshot(client, 'task.watch', project);
  all.sort((a, b) => a.order - b.order);
  print(terminal, args.json, all, () =>
    table(
      ['task', 'status', 'priority', 'lane', 'waits for', 'title'],
      all.map((task) => [
        task.key,
        task.shown,
        `P${task.priority}`,
        task.laneNumber ?? '',
        task.waitsFor.join(', '),
        task.title,
      ]),
      'No tasks yet.',
    ),
  );
}

/** `gantry lanes`. */
export async function lanes(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const project = await chosenProject(client, args.project);
  const all = await snapshot(client, 'lane.watch', project);
  all.sort((a, b) => a.number - b.number);
  print(terminal, args.json, all, () =>
    table(
      ['lane', 'status', 'agent', 'task', 'changes', 'step'],
      all.map((lane) => [
        lane.number,
        lane.status,
        lane.agentName,
        lane.taskKey ?? '',
        lane.changes === null ? '' : `+${lane.changes.added} -${lane.changes.removed}`,
        lane.step,
      ]),
      'No lanes yet.',
    ),
  );
}

/** `gantry cluster`. */
export async function cluster(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const watched = await watchMap(client, 'cluster.watch', {});
  const [view] = watched.values.values();
  watched.dispose();
  if (view === undefined)
    throw new GantryError('unavailable', 'The host has no cluster to show yet. Try again in a second.', {
      retryable: true,
    });
  print(terminal, args.json, view, () => [
    `${view.votersHealthy} of ${view.voters} nodes vote; ${view.leaderId ?? 'no node'} leads term ${view.term}.`,
    ...table(
      ['node', 'role', 'condition', 'term', 'committed', 'applied', 'lag', 'state'],
      view.nodes.map((node) => [
        node.id,
        node.role,
        node.condition.state,
        node.term,
        node.commitIndex,
        node.appliedIndex,
        node.lagEntries ?? 'unknown',
        node.stateHash === null ? '' : `${node.stateHash.hash.slice(0, 8)} at ${node.stateHash.index}`,
      ]),
      '',
    ),
  ]);
}

/** `gantry timeline`. */
export async function timeline(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const project = await chosenProject(client, args.project);
  const checkpoints = await snapshot(client, 'timeline.watch', project);
  const rollbacks = await snapshot(client, 'timeline.watchRollbacks', project);
  checkpoints.sort((a, b) => b.number - a.number);
  print(terminal, args.json, { checkpoints, rollbacks }, () =>
    table(
      ['number', 'time', 'kind', 'after', 'label', 'id'],
      checkpoints.map((entry) => [
        entry.number,
        new Date(entry.atMs).toISOString(),
        entry.undoneBy === null ? entry.kind : `${entry.kind}, undone`,
        entry.afterCommit?.slice(0, 7) ?? 'under way',
        entry.label,
        entry.id,
      ]),
      'Nothing has happened yet.',
    ),
  );
}

/** `gantry rollback`: shows the plan; carries it out only with --yes. */
export async function rollback(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const checkpointId = await checkpointNamed(client, args);
  const plan = await client.call('timeline.plan', { checkpointId });
  if (!args.yes) {
    print(terminal, args.json, plan, () => rollbackLines(plan));
    return;
  }
  const done = await client.call('timeline.rollBack', { checkpointId, fingerprint: plan.fingerprint });
  print(terminal, args.json, done, () => [
    `${rollbackName(done)}: ${takenBackText(plan)} taken back. "gantry undo ${rollbackName(done)}" brings that back. Auto-merge is paused.`,
  ]);
}

/** `gantry undo`. */
export async function undo(client: ContractClient, args: Arguments, terminal: Terminal): Promise<void> {
  const project = await chosenProject(client, args.project);
  const all = await snapshot(client, 'timeline.watchRollbacks', project);
  const wanted = args.operands[0] ?? '';
  const found = all.find((each) => each.id === wanted || rollbackName(each) === wanted);
  if (!found)
    throw new GantryError(
      'not-found',
      `There is no rollback "${wanted}" in ${project.name}. "gantry timeline --json" lists them.`,
    );
  const done = await client.call('timeline.undo', { rollbackId: found.id });
  print(terminal, args.json, done, () => [`${rollbackName(done)} is undone.`]);
}

function rollbackName(rollback: Rollback): string {
  return `R-${rollback.number}`;
}

async function checkpointNamed(client: ContractClient, args: Arguments): Promise<CheckpointId> {
  const wanted = args.operands[0] ?? '';
  const asId = checkpointIdSchema.safeParse(wanted);
  if (asId.success) return asId.data;
  const project = await chosenProject(client, args.project);
  const found = (await snapshot(client, 'timeline.watch', project)).find((entry) => String(entry.number) === wanted);
  if (!found)
    throw new GantryError(
      'not-found',
      `There is no checkpoint "${wanted}" in ${project.name}. "gantry timeline" lists them.`,
    );
  return found.id;
}

type ProjectStream = 'task.watch' | 'lane.watch' | 'timeline.watch' | 'timeline.watchRollbacks';

async function snapshot<Name extends ProjectStream>(
  client: ContractClient,
  name: Name,
  project: ProjectView,
): Promise<ValueOf<Name>[]> {
  const input: InputOf<ProjectStream> = { projectId: project.id };
  const watched = await watchMap(client, name, input as InputOf<Name>);
  watched.dispose();
  return [...watched.values.values()];
}
