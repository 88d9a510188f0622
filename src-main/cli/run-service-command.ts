/** Which function does which command about services. */
import { apply, deploy } from './apply-command.ts';
import type { CommandContext, Outcome } from './command-context.ts';
import type { ServiceCommandWords } from './command-table.ts';
import { addNode, drainNode, listImages, listNodes, prune, removeNode } from './place-commands.ts';
import { listPreviews, openPreview, promotePreview, startPreview, stopPreview } from './preview-commands.ts';
import { exec, logs, prove } from './replica-commands.ts';
import {
  backUpVolume,
  listConfigs,
  listSecrets,
  listVolumes,
  removeConfig,
  removeSecret,
  removeVolume,
  restoreVolume,
  rollOutSecret,
  rotateKey,
  setConfig,
  setSecret,
} from './resource-commands.ts';
import {
  exportStack,
  listServices,
  onRollout,
  removeService,
  restart,
  rollBack,
  scale,
  showService,
} from './service-commands.ts';

type Run = (context: CommandContext) => Promise<Outcome | { exitCode: number }>;

const commands: Record<ServiceCommandWords, Run> = {
  apply,
  'service ls': listServices,
  'service show': showService,
  'service deploy': deploy,
  'service logs': logs,
  'service scale': scale,
  'service rollback': rollBack,
  'service restart': restart,
  'service pause': onRollout('pause'),
  'service resume': onRollout('resume'),
  'service promote': onRollout('promote'),
  'service abort': onRollout('abort'),
  'service rm': removeService,
  'service exec': exec,
  'service export': exportStack,
  'service prove': prove,
  'secret set': setSecret,
  'secret ls': listSecrets,
  'secret rm': removeSecret,
  'secret rollout': rollOutSecret,
  'secret rotate-key': rotateKey,
  'config set': setConfig,
  'config ls': listConfigs,
  'config rm': removeConfig,
  'volume ls': listVolumes,
  'volume backup': backUpVolume,
  'volume restore': restoreVolume,
  'volume rm': removeVolume,
  'node ls': listNodes,
  'node add': addNode,
  'node rm': removeNode,
  'node drain': drainNode(true),
  'node activate': drainNode(false),
  'image ls': listImages,
  'image prune': prune,
  'preview ls': listPreviews,
  'preview start': startPreview,
  'preview open': openPreview,
  'preview stop': stopPreview,
  'preview promote': promotePreview,
};

/** Runs it; refusals are thrown as `GantryError`s. */
export function runServiceCommand(context: CommandContext): Promise<Outcome | { exitCode: number }> {
  return commands[context.args.words](context);
}
