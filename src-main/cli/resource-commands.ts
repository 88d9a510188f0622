/** The commands about secrets, configs and volumes: what services are given. */
import { readFileSync } from 'node:fs';
import { GantryError } from '#shared/contract/error.ts';
import { type SecretName, secretNameSchema, type VolumeName, volumeNameSchema } from '#shared/model/service-ids.ts';
import { awaitRollouts } from './await-rollouts.ts';
import { type CommandContext, confirm, type Outcome, projectOf, stackOf, valuesOf } from './command-context.ts';
import { print, table } from './print.ts';
import { ageText, sizeText } from './quantity-text.ts';

/** `gantry secret set`. The value is never on the command line, where others could read it. */
export async function setSecret(context: CommandContext): Promise<Outcome> {
  const name = nameOf(context);
  const value = await readValue(context, 'secret');
  const { id: projectId } = await projectOf(context);
  const { version } = await context.client.call('secret.put', {
    projectId,
    name,
    value: Buffer.from(value).toString('base64'),
    isBase64: true,
  });
  return said(
    context,
    { name, version },
    `Secret ${name} has version ${version} now. Services keep the one that they have until "gantry secret rollout ${name}".`,
  );
}

/** `gantry secret ls`. */
export async function listSecrets(context: CommandContext): Promise<Outcome> {
  const secrets = await valuesOf(context, 'secret.watch', { projectId: (await projectOf(context)).id });
  print(context.terminal, context.args.isGiven('json'), secrets, () =>
    table(
      ['secret', 'version', 'set', 'size', 'used by'],
      secrets.map(({ name, versions, usedBy }) => {
        const newest = versions.at(-1);
        return [
          name,
          newest?.version ?? '',
          newest === undefined ? '' : ageText(Date.now() - newest.createdAtMs),
          newest === undefined ? '' : sizeText(newest.sizeBytes),
          usedBy.map(({ service, stack, version }) => `${stack}/${service} (${version})`).join(', '),
        ];
      }),
      'No secrets yet. Set one with "gantry secret set NAME".',
    ),
  );
  return 'done';
}

/** `gantry secret rm`. */
export async function removeSecret(context: CommandContext): Promise<Outcome> {
  const name = nameOf(context);
  await context.client.call('secret.remove', { projectId: (await projectOf(context)).id, name });
  return said(context, { removed: name }, `Secret ${name} is removed.`);
}

/** `gantry secret rollout`. */
export async function rollOutSecret(context: CommandContext): Promise<Outcome> {
  const name = nameOf(context);
  const { id: projectId } = await projectOf(context);
  const { services } = await context.client.call('secret.rollOut', { projectId, name });
  const views = await valuesOf(context, 'service.watch', { projectId });
  const goals = services.map((serviceId) => ({
    serviceId,
    revision: views.find(({ id }) => id === serviceId)?.revisions ?? 0,
  }));
  const outcome = await awaitRollouts(context, projectId, goals);
  const none = services.length === 0 ? `Every service that uses ${name} has its newest version already.` : null;
  print(context.terminal, context.args.isGiven('json'), { name, goals, outcome }, () => (none === null ? [] : [none]));
  return outcome;
}

/** `gantry secret rotate-key`. */
export async function rotateKey(context: CommandContext): Promise<Outcome> {
  const { keyId, secrets } = await context.client.call('secret.rotateKey', {});
  return said(
    context,
    { keyId, secrets },
    `${secrets} secret${secrets === 1 ? ' is' : 's are'} sealed under the new key ${keyId}.`,
  );
}

/** `gantry config set`. */
export async function setConfig(context: CommandContext): Promise<Outcome> {
  const name = nameOf(context);
  const text = Buffer.from(await readValue(context, 'config')).toString('utf8');
  const { version } = await context.client.call('config.put', { projectId: (await projectOf(context)).id, name, text });
  return said(
    context,
    { name, version },
    `Config ${name} has version ${version} now. Services get it when they are deployed again.`,
  );
}

/** `gantry config ls`. */
export async function listConfigs(context: CommandContext): Promise<Outcome> {
  const configs = await valuesOf(context, 'config.watch', { projectId: (await projectOf(context)).id });
  print(context.terminal, context.args.isGiven('json'), configs, () =>
    table(
      ['config', 'version', 'size', 'used by'],
      configs.map(({ name, versions, usedBy }) => [
        name,
        versions.at(-1)?.version ?? '',
        sizeText(versions.at(-1)?.sizeBytes ?? 0),
        usedBy.map(({ service, stack, version }) => `${stack}/${service} (${version})`).join(', '),
      ]),
      'No configs yet. Set one with "gantry config set NAME".',
    ),
  );
  return 'done';
}

/** `gantry config rm`. */
export async function removeConfig(context: CommandContext): Promise<Outcome> {
  const name = nameOf(context);
  await context.client.call('config.remove', { projectId: (await projectOf(context)).id, name });
  return said(context, { removed: name }, `Config ${name} is removed.`);
}

/** `gantry volume ls`. */
export async function listVolumes(context: CommandContext): Promise<Outcome> {
  const volumes = await valuesOf(context, 'volume.watch', { projectId: (await projectOf(context)).id });
  print(context.terminal, context.args.isGiven('json'), volumes, () =>
    table(
      ['volume', 'stack', 'node', 'used by', 'backups', 'newest'],
      volumes.map(({ name, stack, hostId, usedBy, backups }) => [
        name,
        stack,
        hostId ?? 'not made yet',
        usedBy.join(', '),
        backups.length,
        newestOf(backups)?.id ?? '',
      ]),
      'No volumes yet.',
    ),
  );
  return 'done';
}

/** `gantry volume backup`. */
export async function backUpVolume(context: CommandContext): Promise<Outcome> {
  const volume = await volumeOf(context);
  const made = await context.client.call('volume.backUp', volume);
  return said(context, made, `Backup ${made.id} of ${volume.name}, ${sizeText(made.sizeBytes)}.`);
}

/** `gantry volume restore`. */
export async function restoreVolume(context: CommandContext): Promise<Outcome> {
  const { client, args } = context;
  const volume = await volumeOf(context);
  const views = await valuesOf(context, 'volume.watch', { projectId: volume.projectId });
  const view = views.find(({ name, stack }) => name === volume.name && stack === volume.stack);
  const backupId = args.text('backup') ?? newestOf(view?.backups ?? [])?.id;
  if (backupId === undefined) throw new GantryError('not-found', `There is no backup of the volume ${volume.name}.`);
  if (!(await confirm(context, `Put ${backupId} back into ${volume.name}? What is in it now is replaced.`)))
    return 'refused';
  await client.call('volume.restore', { ...volume, backupId });
  return said(context, { ...volume, backupId }, `${volume.name} is as in ${backupId} again.`);
}

/** `gantry volume rm`. */
export async function removeVolume(context: CommandContext): Promise<Outcome> {
  const volume = await volumeOf(context);
  const withoutBackup = context.args.isGiven('without-backup');
  const kept = withoutBackup ? 'No backup is made.' : 'A backup is made before.';
  if (!(await confirm(context, `Remove the volume ${volume.name} and its data? ${kept}`))) return 'refused';
  await context.client.call('volume.remove', { ...volume, withoutBackup });
  return said(context, { removed: volume.name }, `The volume ${volume.name} is removed.`);
}

/** Prints what was done; always 'done'. */
export function said({ terminal, args }: CommandContext, value: unknown, line: string): Outcome {
  print(terminal, args.isGiven('json'), value, () => [line]);
  return 'done';
}

function newestOf<Backup extends { atMs: number }>(backups: readonly Backup[]): Backup | undefined {
  return backups.toSorted((a, b) => b.atMs - a.atMs)[0];
}

async function volumeOf(context: CommandContext) {
  const [text = ''] = context.args.operands;
  const name = volumeNameSchema.safeParse(text);
  if (!name.success) throw new GantryError('invalid-input', `"${text}" is no name of a volume.`);
  const { id: projectId } = await projectOf(context);
  return { projectId, stack: stackOf(context), name: name.data satisfies VolumeName };
}

function nameOf({ args }: CommandContext): SecretName {
  const [text = ''] = args.operands;
  const name = secretNameSchema.safeParse(text);
  if (name.success) return name.data;
  throw new GantryError('invalid-input', `"${text}" is no name. Expected ${name.error.issues[0]?.message}.`);
}

/** From `--from-file`, else all of standard input. */
async function readValue({ args, terminal }: CommandContext, noun: string): Promise<Uint8Array> {
  const path = args.text('from-file');
  if (path === null) {
    if (terminal.isInteractive) terminal.progress(`Type the ${noun}, then Ctrl-D:`);
    const typed = Buffer.from(await terminal.readInput());
    // The line break at the end of a typed or echoed line is not part of it.
    const value =
      noun === 'secret' && typed.at(-1) === 0x0a ? typed.subarray(0, typed.at(-2) === 0x0d ? -2 : -1) : typed;
    if (value.byteLength === 0) throw new GantryError('invalid-input', `The ${noun} is empty. Nothing was set.`);
    return value;
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new GantryError(
      'invalid-input',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
