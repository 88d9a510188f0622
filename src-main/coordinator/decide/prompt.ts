/** What an agent is told. Plain text that every kind of agent understands. */
import type { GateResult, GateSpec } from '#shared/model/gate.ts';
import type { LaneWorkspace } from '#shared/model/lane.ts';
import type { MergeRejection } from '#shared/model/merge.ts';
import type { BranchName } from '#shared/model/ids.ts';
import type { Task } from '#shared/model/task.ts';

/** Why the agent is not simply starting on its task. */
export type PromptReason =
  | { readonly kind: 'first' }
  /** Its work came back from the merge queue; `style` says what its worktree holds now. */
  | {
      readonly kind: 'rework';
      readonly style: 'continue' | 'restart';
      readonly rejection: MergeRejection;
      /** Evidence of the gate that failed, if one did. */
      readonly gate: GateResult | null;
    }
  /** An earlier run of the same lane ended before it was done. */
  | { readonly kind: 'again'; readonly because: string };

/** What the prompt is made from. */
export interface PromptFacts {
  readonly task: Pick<Task, 'key' | 'title' | 'prompt' | 'paths'>;
  readonly workspace: LaneWorkspace;
  readonly targetBranch: BranchName;
  readonly gates: readonly GateSpec[];
  readonly reason: PromptReason;
  /** The agent still has the conversation in which it was told the task. */
  readonly resumed: boolean;
}

const hunkCharsMax = 4_000;
const hunksMax = 20;
const gateOutputCharsMax = 8_000;

/** The prompt of one run. */
export function buildPrompt(facts: PromptFacts): string {
  const reason = reasonText(facts);
  const parts = facts.resumed && reason !== null ? [reason] : [taskText(facts), placeText(facts), reason];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

function taskText({ task }: PromptFacts): string {
  const paths = task.paths.length > 0 ? `\n\nIt is expected to touch: ${task.paths.join(', ')}` : '';
  return `Task ${task.key}: ${task.title}\n\n${task.prompt.trim()}${paths}`;
}

function placeText({ workspace, targetBranch, gates }: PromptFacts): string {
  const gateText =
    gates.length === 0
      ? ''
      : `\n- Before your work lands, these commands must pass on the merged result:\n${gates
          .map((gate) => `    ${gate.command}`)
          .join('\n')}`;
  return `About the place you work in:
- You are in a git worktree of your own, on the branch ${workspace.branch}, made from ${targetBranch} at ${workspace.baseCommit.slice(0, 10)}. Other agents work in other worktrees at the same time.
- Change files here only. What you leave uncommitted is committed for you. Do not push, switch branches or merge into ${targetBranch} yourself.
- The ports ${workspace.portFirst} to ${workspace.portLast} are yours.${gateText}
- When the task is done, end with a short summary of what you changed.`;
}

function reasonText({ reason, targetBranch }: PromptFacts): string | null {
  switch (reason.kind) {
    case 'first':
      return null;
    case 'again':
      return `An earlier run of this task ended before it was done: ${reason.because} Its changes are still in the worktree. Look at them with git diff, then finish the task.`;
    case 'rework':
      return reworkText(reason, targetBranch);
  }
}

function reworkText(reason: Extract<PromptReason, { kind: 'rework' }>, targetBranch: BranchName): string {
  const { rejection, style, gate } = reason;
  const setBack = `Your earlier work was put aside and the worktree is at the newest ${targetBranch} again. Do the task afresh on top of it.`;
  switch (rejection.kind) {
    case 'conflict': {
      const hunks = rejection.conflicts
        .slice(0, hunksMax)
        .map((conflict) => `${conflict.path}\n${bounded(conflict.hunk, hunkCharsMax)}`)
        .join('\n\n');
      const what =
        style === 'continue'
          ? `The newest ${targetBranch} has been merged into this worktree, and the files below carry conflict markers. Resolve every one so that both intentions are kept, and check that the result works.`
          : setBack;
      const toDecide = style === 'continue' ? withoutMarkers(rejection.conflicts) : '';
      return `Your work could not be merged: ${targetBranch} has changed the same places meanwhile. ${what}${toDecide}\n\n${hunks}`;
    }
    case 'gate': {
      const what =
        style === 'continue'
          ? `The newest ${targetBranch} has been merged into this worktree, so that you see what the gate saw. Find the cause and repair it.`
          : setBack;
      const output = gate === null ? rejection.detail : bounded(gate.outputTail, gateOutputCharsMax);
      const command = gate === null ? '' : ` (${gate.command})`;
      return `Your work could not be merged: the gate "${rejection.gate}"${command} failed on the merged result. ${what}\n\nThe end of its output:\n${output}`;
    }
    case 'withdrawn':
      return `Your work was taken out of the merge queue: ${rejection.detail}`;
  }
}

/** Where a side has no file or it is no text, only the index can say that an agent has decided. */
function withoutMarkers(conflicts: Extract<MergeRejection, { kind: 'conflict' }>['conflicts']): string {
  const paths = conflicts
    .filter((conflict) => !/^@@ line |^<{7} /m.test(conflict.hunk))
    .map((conflict) => conflict.path);
  if (paths.length === 0) return '';
  const list = paths.map((path) => `- ${path}`).join('\n');
  return `\n\nThese carry no markers, because one side deleted or renamed the file or it is binary. Each counts as undecided until you run git add (to keep it as it lies there) or git rm (to drop it) on it:\n${list}`;
}

/** Keeps the end, where the cause mostly stands. */
function bounded(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `…${text.slice(text.length - charsMax)}`;
}
