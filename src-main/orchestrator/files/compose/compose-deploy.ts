/** `deploy:` of a Compose service. */
import { duration, oneOf, size, text } from '../word.ts';
import type { YamlValue } from '../yaml-source.ts';
import type { ComposeContext } from './compose-context.ts';

/** Fields of a spec, still to be checked by its schema. */
export interface DeployFields {
  replicas?: number | undefined;
  isGlobal?: boolean;
  limits?: Record<string, unknown>;
  restart?: Record<string, unknown>;
  update?: Record<string, unknown>;
  rollback?: Record<string, unknown>;
  constraints?: Record<string, unknown>[];
  labels?: Record<string, string>;
}

/** Reads what Gantry has a like of, and notes the rest. */
export function readDeploy(context: ComposeContext, place: string, value: YamlValue): DeployFields {
  const fields: DeployFields = {};
  for (const { key, keyAt, value: given } of value.entries()) {
    const at = `${place}.deploy.${key}`;
    if (key === 'replicas') fields.replicas = context.number(given);
    else if (key === 'mode') fields.isGlobal = oneOf('replicated', 'global').read(given) === 'global';
    else if (key === 'labels') fields.labels = context.texts(at, given);
    else if (key === 'restart_policy') fields.restart = readRestartPolicy(context, at, given);
    else if (key === 'update_config') fields.update = readUpdate(context, at, given);
    else if (key === 'rollback_config') fields.rollback = readUpdate(context, at, given);
    else if (key === 'resources') fields.limits = readResources(context, at, given);
    else if (key === 'placement') fields.constraints = readPlacement(context, at, given);
    else context.leaveOut(at, keyAt, 'Gantry has nothing like it.');
  }
  return fields;
}

function readResources(context: ComposeContext, place: string, value: YamlValue): Record<string, unknown> {
  const limits: Record<string, unknown> = {};
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key !== 'limits') {
      context.leaveOut(`${place}.${key}`, keyAt, 'Gantry limits what a replica may use and reserves nothing.');
      continue;
    }
    for (const limit of given.entries()) {
      if (limit.key === 'cpus') limits['cpus'] = context.number(limit.value);
      else if (limit.key === 'memory') limits['memoryBytes'] = size.read(limit.value);
      else if (limit.key === 'pids') limits['pids'] = context.number(limit.value);
      else context.leaveOut(`${place}.limits.${limit.key}`, limit.keyAt, 'Gantry limits cpus, memory and pids.');
    }
  }
  return limits;
}

function readRestartPolicy(context: ComposeContext, place: string, value: YamlValue): Record<string, unknown> {
  const policy: Record<string, unknown> = {};
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key === 'condition') policy['condition'] = oneOf('any', 'on-failure', 'none').read(given);
    else if (key === 'delay') policy['delayMs'] = duration.read(given);
    else if (key === 'max_attempts') policy['attemptsMax'] = context.number(given) || null;
    else if (key === 'window') policy['windowMs'] = duration.read(given);
    else context.leaveOut(`${place}.${key}`, keyAt, 'Gantry has nothing like it.');
  }
  return policy;
}

function readUpdate(context: ComposeContext, place: string, value: YamlValue): Record<string, unknown> {
  const policy: Record<string, unknown> = {};
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key === 'parallelism') policy['parallelism'] = context.number(given);
    else if (key === 'delay') policy['delayMs'] = duration.read(given);
    else if (key === 'monitor') policy['monitorMs'] = duration.read(given);
    else if (key === 'max_failure_ratio') policy['failureRatioMax'] = context.number(given);
    else if (key === 'order') policy['order'] = oneOf('start-first', 'stop-first').read(given);
    else if (key === 'failure_action' && given.text !== 'continue')
      policy['onFailure'] = oneOf('rollback', 'pause').read(given);
    else context.leaveOut(`${place}.${key}`, keyAt, 'after a failure Gantry goes back or pauses.');
  }
  return policy;
}

function readPlacement(context: ComposeContext, place: string, value: YamlValue): Record<string, unknown>[] {
  const constraints: Record<string, unknown>[] = [];
  for (const { key, keyAt, value: given } of value.entries()) {
    if (key !== 'constraints') {
      context.leaveOut(`${place}.${key}`, keyAt, 'Gantry places by constraints and spreads by itself.');
      continue;
    }
    for (const item of given.items()) {
      const match = /^\s*(\S+?)\s*(==|!=)\s*(.*)$/.exec(String(text.read(item) ?? ''));
      const attribute = match?.[1] === undefined ? null : attributeOf(match[1]);
      if (match === null || attribute === null) {
        context.leaveOut(`${place}.constraints`, item, `Gantry does not know ${item.describe()}.`);
      } else constraints.push({ attribute, operator: match[2], value: match[3] });
    }
  }
  return constraints;
}

/** Gantry's name of what Swarm compares; null for what it has not. */
function attributeOf(name: string): string | null {
  if (name === 'node.hostname') return 'node.name';
  if (name === 'node.platform.arch') return 'node.architecture';
  return /^node\.(id|labels\..+)$/.test(name) ? name : null;
}
