/** The commands about previews: a lane's branch as a stack of its own. */
import { GantryError } from '#shared/contract/error.ts';
import type { PreviewView } from '#shared/contract/service-views.ts';
import type { LaneView } from '#shared/contract/views.ts';
import { serviceNameSchema } from '#shared/model/service-ids.ts';
import { awaitRollouts } from './await-rollouts.ts';
import { type CommandContext, type Outcome, projectOf, valuesOf } from './command-context.ts';
import { openAddress } from './open-address.ts';
import { print, table } from './print.ts';
import { said } from './resource-commands.ts';
import { watchMap } from './watched-map.ts';

/** `gantry preview ls`. */
export async function listPreviews(context: CommandContext): Promise<Outcome> {
  const previews = await valuesOf(context, 'preview.watch', { projectId: (await projectOf(context)).id });
  print(context.terminal, context.args.isGiven('json'), previews, () =>
    table(
      ['lane', 'state', 'services', 'title', 'detail'],
      previews.map(({ laneNumber, preview, services, title }) => [
        laneNumber,
        preview.state,
        services.map(({ name, status, url }) => `${name} ${url ?? status}`).join(', '),
        title,
        preview.detail ?? '',
      ]),
      'No previews. Start one with "gantry preview start LANE".',
    ),
  );
  return 'done';
}

/** `gantry preview start`: answers once it runs or has failed. Started again, it follows the branch. */
export async function startPreview(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal, ownsHost } = context;
  const lane = await laneOf(context);
  await client.call('preview.start', { laneId: lane.id });
  if (args.isGiven('detach') && !ownsHost) {
    return said(context, { lane: lane.number }, `The preview of lane ${lane.number} is being made.`);
  }
  const preview = await settledPreview(context, lane);
  if (preview === 'interrupted') return 'interrupted';
  const isJson = args.isGiven('json');
  if (preview.preview.state === 'running') {
    print(terminal, isJson, preview, () => [`The preview of lane ${lane.number} runs.`, ...addressLines(preview)]);
    return 'done';
  }
  if (preview.buildTail !== '') terminal.progress(preview.buildTail);
  print(terminal, isJson, preview, () => []);
  terminal.progress(
    `The preview of lane ${lane.number} failed: ${preview.preview.detail ?? 'it is being taken away'}. What ran of it before runs on; start it again once the branch is mended.`,
  );
  return 'refused';
}

/** `gantry preview open`: where it answers, shown in the browser too where there is one. */
export async function openPreview(context: CommandContext): Promise<Outcome> {
  const { args, terminal } = context;
  const lane = await laneOf(context);
  const preview = (await previewsOf(context, lane)).find(({ preview: { laneId } }) => laneId === lane.id);
  const urls = preview?.services.flatMap(({ url }) => (url === null ? [] : [url])) ?? [];
  const [first] = urls;
  if (preview === undefined || first === undefined) {
    const why =
      preview === undefined ? 'has no preview' : `has a preview without an address; it is ${preview.preview.state}`;
    throw new GantryError(
      'not-found',
      `Lane ${lane.number} ${why}. Start one with "gantry preview start ${lane.number}", with a published port in its file.`,
    );
  }
  print(terminal, args.isGiven('json'), { lane: lane.number, urls }, () => addressLines(preview));
  if (!args.isGiven('json')) await openAddress(first);
  return 'done';
}

/** `gantry preview stop`. */
export async function stopPreview(context: CommandContext): Promise<Outcome> {
  const lane = await laneOf(context);
  await context.client.call('preview.stop', { laneId: lane.id });
  return said(context, { lane: lane.number }, `The preview of lane ${lane.number} is being taken away.`);
}

/** `gantry preview promote`. */
export async function promotePreview(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const lane = await laneOf(context);
  const names = args.texts('service').map((text) => {
    const name = serviceNameSchema.safeParse(text);
    if (name.success) return name.data;
    throw new GantryError('invalid-input', `"${text}" is no name of a service.`);
  });
  const { serviceIds } = await client.call('preview.promote', {
    laneId: lane.id,
    services: names.length === 0 ? null : names,
  });
  const views = await valuesOf(context, 'service.watch', { projectId: lane.projectId });
  const goals = serviceIds.map((serviceId) => ({
    serviceId,
    revision: views.find(({ id }) => id === serviceId)?.revisions ?? 0,
  }));
  const outcome = await awaitRollouts(context, lane.projectId, goals);
  print(terminal, args.isGiven('json'), { goals, outcome }, () => []);
  return outcome;
}

/** Waits until it is no longer being built. */
async function settledPreview(context: CommandContext, lane: LaneView): Promise<PreviewView | 'interrupted'> {
  const { client, interrupted, terminal } = context;
  const previews = await watchMap(client, 'preview.watch', { projectId: lane.projectId });
  try {
    return await new Promise((settle, reject) => {
      const look = (): void => {
        const now = [...previews.values.values()].find(({ preview }) => preview.laneId === lane.id);
        if (now === undefined)
          reject(new GantryError('not-found', `The preview of lane ${lane.number} was taken away.`));
        else if (now.preview.state !== 'building') settle(now);
      };
      const stop = (): void => {
        terminal.progress('Stopped waiting. It is made while Gantry runs.');
        settle('interrupted');
      };
      interrupted.addEventListener('abort', stop, { once: true });
      if (interrupted.aborted) stop();
      previews.onDidChange(look);
      look();
    });
  } finally {
    previews.dispose();
  }
}

function addressLines({ services }: PreviewView): string[] {
  return services.map(({ name, status, url }) => `${name}  ${url ?? status}`);
}

function previewsOf(context: CommandContext, lane: LaneView): Promise<PreviewView[]> {
  return valuesOf(context, 'preview.watch', { projectId: lane.projectId });
}

async function laneOf(context: CommandContext): Promise<LaneView> {
  const [wanted = ''] = context.args.operands;
  const project = await projectOf(context);
  const lanes = await valuesOf(context, 'lane.watch', { projectId: project.id });
  const found = lanes.find((lane) => String(lane.number) === wanted.replace(/^lane-/, '') || lane.id === wanted);
  if (found !== undefined) return found;
  throw new GantryError('not-found', `There is no lane "${wanted}" in ${project.name}. "gantry lanes" lists them.`);
}
