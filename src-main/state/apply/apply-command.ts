import { assert, assertNever } from '#shared/base/assert.ts';
import type { Command, CommandKind, CommandOutcome } from '../command.ts';
import { commandKinds, commandSchema } from '../command-schema.ts';
import { addCheckpoint } from './checkpoint.ts';
import { claimTask, expireClaims, renewClaims } from './claim.ts';
import { putConfig, removeConfig } from './config.ts';
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
import { forgetPreview, putPreview } from './preview.ts';
import { configureProject, forgetProject, openProject, setFleet } from './project.ts';
import { refuse } from './refusal.ts';
import { pinRevision } from './revision.ts';
import {
  beginRollback,
  beginUndo,
  finishRollback,
  finishUndo,
  recordRollouts,
  refuseRollback,
  refuseUndo,
} from './rollback.ts';
import {
  advanceRollout,
  endRolloutByDecision,
  noteRollout,
  pauseRollout,
  promoteRollout,
  releasePrevious,
  resumeRollout,
} from './rollout.ts';
import { putSecret, removeSecret, rewrapSecret } from './secret.ts';
import { forgetService, publishPorts, removeService, rollBackService } from './service.ts';
import { deployService } from './service-deploy.ts';
import { putHost, removeHost } from './service-host.ts';
import { putSetting } from './setting.ts';
import type { Step } from './step.ts';
import { addTasks, cancelTask, editTask, reopenTask } from './task.ts';
import { placeVolume, putVolume, removeVolume } from './volume.ts';

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
    case 'service.deploy':
      return deployService(step, command);
    case 'service.rollBack':
      return rollBackService(step, command);
    case 'service.remove':
      return removeService(step, command);
    case 'service.forget':
      return forgetService(step, command);
    case 'service.publish':
      return publishPorts(step, command);
    case 'revision.pin':
      return pinRevision(step, command);
    case 'rollout.advance':
      return advanceRollout(step, command);
    case 'rollout.note':
      return noteRollout(step, command);
    case 'rollout.pause':
      return pauseRollout(step, command);
    case 'rollout.resume':
      return resumeRollout(step, command);
    case 'rollout.promote':
      return promoteRollout(step, command);
    case 'rollout.end':
      return endRolloutByDecision(step, command);
    case 'rollout.releasePrevious':
      return releasePrevious(step, command);
    case 'secret.put':
      return putSecret(step, command);
    case 'secret.rewrap':
      return rewrapSecret(step, command);
    case 'secret.remove':
      return removeSecret(step, command);
    case 'config.put':
      return putConfig(step, command);
    case 'config.remove':
      return removeConfig(step, command);
    case 'volume.put':
      return putVolume(step, command);
    case 'volume.place':
      return placeVolume(step, command);
    case 'volume.remove':
      return removeVolume(step, command);
    case 'host.put':
      return putHost(step, command);
    case 'host.remove':
      return removeHost(step, command);
    case 'preview.put':
      return putPreview(step, command);
    case 'preview.forget':
      return forgetPreview(step, command);
    case 'rollback.services':
      return recordRollouts(step, command);
    default:
      return assertNever(command);
  }
}
