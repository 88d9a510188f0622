/** The commands about where services run: nodes, and the images on them. */
import { GantryError } from '#shared/contract/error.ts';
import { type HostId, hostIdSchema } from '#shared/model/service-ids.ts';
import { pairOf } from './apply-command.ts';
import { type CommandContext, confirm, type Outcome, valuesOf } from './command-context.ts';
import { print, table } from './print.ts';
import { sizeText } from './quantity-text.ts';
import { said } from './resource-commands.ts';

/** `gantry node ls`. */
export async function listNodes(context: CommandContext): Promise<Outcome> {
  const nodes = await valuesOf(context, 'engine.watch', {});
  print(context.terminal, context.args.isGiven('json'), nodes, () =>
    table(
      ['node', 'engine', 'availability', 'replicas', 'cpus', 'memory', 'labels', 'endpoint'],
      nodes.map(({ id, engine, availability, replicas, labels, endpoint }) => [
        id,
        engine.state === 'ready'
          ? `Docker ${engine.version}`
          : 'advice' in engine
            ? `${engine.state}: ${engine.advice}`
            : engine.state,
        availability,
        replicas,
        engine.state === 'ready' ? engine.cpus : '',
        engine.state === 'ready' ? sizeText(engine.memoryBytes) : '',
        Object.entries(labels)
          .map(([name, text]) => `${name}=${text}`)
          .join(', '),
        endpoint ?? 'of this machine',
      ]),
      'No nodes.',
    ),
  );
  return 'done';
}

/** `gantry node add`: a new machine, or other labels for one that is there. */
export async function addNode(context: CommandContext): Promise<Outcome> {
  const { client, args } = context;
  const id = nodeOf(context);
  const before = (await valuesOf(context, 'engine.watch', {})).find((node) => node.id === id);
  const endpoint = args.text('endpoint') ?? before?.endpoint ?? null;
  if (before === undefined && endpoint === null) {
    throw new GantryError(
      'invalid-input',
      `Say where its engine is: gantry node add ${id} --endpoint tcp://HOST:PORT.`,
    );
  }
  const labels = {
    ...before?.labels,
    ...Object.fromEntries(args.texts('label').map((text) => pairOf(text, '--label'))),
  };
  const host = { id, endpoint, labels, availability: before?.availability ?? ('active' as const) };
  await client.call('engine.put', host);
  return said(context, host, before === undefined ? `The node ${id} is added.` : `The node ${id} is changed.`);
}

/** `gantry node rm`: what services still have there is given up only when a person says so. */
export async function removeNode(context: CommandContext): Promise<Outcome> {
  const { client } = context;
  const hostId = nodeOf(context);
  try {
    await client.call('engine.remove', { hostId });
  } catch (error) {
    const isInUse = error instanceof GantryError && error.code === 'wrong-state' && error.data !== undefined;
    if (!isInUse) throw error;
    if (!(await confirm(context, `${error.message} Give it up?`))) return 'refused';
    await client.call('engine.remove', { hostId, givingUp: true });
  }
  return said(context, { removed: hostId }, `The node ${hostId} is forgotten.`);
}

/** `gantry node drain` and `activate`. */
export function drainNode(drain: boolean) {
  return async (context: CommandContext): Promise<Outcome> => {
    const hostId = nodeOf(context);
    await context.client.call('engine.drain', { hostId, drain });
    return said(context, { hostId, drain }, drain ? `Everything moves off ${hostId}.` : `${hostId} is used again.`);
  };
}

/** `gantry image ls`. */
export async function listImages(context: CommandContext): Promise<Outcome> {
  const { images } = await context.client.call('image.list', {});
  print(context.terminal, context.args.isGiven('json'), images, () =>
    table(
      ['image', 'digest', 'node', 'size', 'used by'],
      images.map(({ tags, digest, hostId, sizeBytes, usedBy }) => [
        tags[0] ?? '(no tag)',
        digest.slice(7, 19),
        hostId,
        sizeText(sizeBytes),
        usedBy.map(({ service, revisions }) => `${service} (${revisions.join(', ')})`).join(', '),
      ]),
      'No images.',
    ),
  );
  return 'done';
}

/** `gantry image prune`: what Gantry made and nothing needs, shown before. */
export async function prune(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const plan = await client.call('image.prunePlan', {});
  const withVolumes = args.isGiven('volumes');
  const isJson = args.isGiven('json');
  const lines = [
    ...plan.images.map(
      ({ tags, digest, sizeBytes }) => `image ${tags[0] ?? digest.slice(7, 19)}  ${sizeText(sizeBytes)}`,
    ),
    ...plan.containers.map(({ name, why }) => `container ${name}  ${why}`),
    ...(withVolumes ? plan.volumes.map(({ name, why }) => `volume ${name}  ${why}`) : []),
  ];
  if (args.isGiven('dry-run') || lines.length === 0) {
    print(terminal, isJson, plan, () => (lines.length === 0 ? ['Nothing is left over.'] : lines));
    return 'done';
  }
  for (const line of lines) (isJson ? terminal.progress : terminal.result)(line);
  if (!(await confirm(context, `Remove ${lines.length === 1 ? 'this' : `these ${lines.length}`}?`))) return 'refused';
  const { freedBytes } = await client.call('image.prune', { fingerprint: plan.fingerprint, withVolumes });
  return said(context, { freedBytes }, `${sizeText(freedBytes)} are free again.`);
}

function nodeOf({ args }: CommandContext): HostId {
  const [text = ''] = args.operands;
  const id = hostIdSchema.safeParse(text);
  if (id.success) return id.data;
  throw new GantryError(
    'invalid-input',
    `"${text}" is no name of a node. Expected lower-case letters, digits and dashes.`,
  );
}
