import { assert, assertNever } from '#shared/base/assert.ts';
import type { Command, CommandKind, CommandOutcome } from '../command.ts';
import { commandKinds, commandSchema } from '../command-schema.ts';
import { addCheckpoint } from './checkpoint.ts';
import { claimTask, expireClaims, renewClaims } from './claim.ts';
import { closeLane, openLane, prepareLane, runLane, submitLane } from './lane.ts';
import {
  addGateResult,
  approveMerge,
  beginMerge,
  checkpointMerge,
  landMerge,
  rejectMerge,
  requeueMerge,
} from './merge.ts';
import { configureProject, forgetProject, openProject, setFleet } from './project.ts';
import { refuse } from './refusal.ts';
import { beginRollback, beginUndo, finishRollback, finishUndo, refuseRollback, refuseUndo } from './rollback.ts';
import { putSetting } from './setting.ts';
import type { Step } from './step.ts';
import { addTasks, cancelTask, editTask, reopenTask } from './task.ts';

/**
 * Applies one command as it came out of the log. A command of the wrong shape is refused; a
 * kind that this version does not know throws, because the other nodes may well apply it.
 */
export function applyCommand(step: Step, proposed: Command): CommandOutcome<CommandKind> {
  assert(commandKinds.has(proposed.kind), `this version cannot apply "${String(proposed.kind)}"`);
  const parsed = commandSchema.safeParse(proposed);
  if (!parsed.success) {
    // Only the path: zod's own words may differ between versions, and answers are replicated.
    const path = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    return refuse(
      'invalid-input',
      `The command ${proposed.kind} is malformed at "${path}". Nothing was changed; correct that value and send it again.`,
    );
  }
  return dispatch(step, parsed.data);
}

function dispatch(step: Step, command: Command): CommandOutcome<CommandKind> {
  switch (command.kind) {
    case 'project.open':
      return openProject(step, command);
    case 'project.configure':
      return configureProject(step, command);
    case 'project.forget':
      return forgetProject(step, command);
    case 'fleet.set':
      return setFleet(step, command);
    case 'task.add':
      return addTasks(step, command);
    case 'task.edit':
      return editTask(step, command);
    case 'task.reopen':
      return reopenTask(step, command);
    case 'task.cancel':
      return cancelTask(step, command);
    case 'task.claim':
      return claimTask(step, command);
    case 'claim.renew':
      return renewClaims(step, command);
    case 'claim.expire':
      return expireClaims(step, command);
    case 'lane.open':
      return openLane(step, command);
    case 'lane.prepare':
      return prepareLane(step, command);
    case 'lane.run':
      return runLane(step, command);
    case 'lane.submit':
      return submitLane(step, command);
    case 'lane.end':
      return closeLane(step, command);
    case 'merge.approve':
      return approveMerge(step, command);
    case 'merge.begin':
      return beginMerge(step, command);
    case 'merge.gate':
      return addGateResult(step, command);
    case 'merge.checkpoint':
      return checkpointMerge(step, command);
    case 'merge.land':
      return landMerge(step, command);
    case 'merge.requeue':
      return requeueMerge(step, command);
    case 'merge.reject':
      return rejectMerge(step, command);
    case 'checkpoint.add':
      return addCheckpoint(step, command);
    case 'rollback.begin':
      return beginRollback(step, command);
    case 'rollback.finish':
      return finishRollback(step, command);
    case 'rollback.refuse':
      return refuseRollback(step, command);
    case 'rollback.beginUndo':
      return beginUndo(step, command);
    case 'rollback.finishUndo':
      return finishUndo(step, command);
    case 'rollback.refuseUndo':
      return refuseUndo(step, command);
    case 'setting.put':
      return putSetting(step, command);
    default:
      return assertNever(command);
  }
}
