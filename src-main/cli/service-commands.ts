/** The commands about one service, or all of them. */
import type { RolloutView, ServiceView } from '#shared/contract/service-views.ts';
import { GantryError } from '#shared/contract/error.ts';
import { mainStack } from '#shared/model/service-ids.ts';
import { awaitRollouts } from './await-rollouts.ts';
import {
  type CommandContext,
  confirm,
  type Outcome,
  projectOf,
  serviceOf,
  stackOf,
  valuesOf,
} from './command-context.ts';
import { print, table } from './print.ts';
import { ageText, sizeText } from './quantity-text.ts';

/** `gantry service ls`. */
export async function listServices(context: CommandContext): Promise<Outcome> {
  const { args, terminal } = context;
  const all = await valuesOf(context, 'service.watch', { projectId: (await projectOf(context)).id });
  const shown = args.isGiven('stack') ? all.filter(({ stack }) => stack === stackOf(context)) : all;
  print(terminal, args.isGiven('json'), shown, () =>
    table(
      ['service', 'status', 'replicas', 'revision', 'image', 'ports', 'about'],
      shown.map((service) => [
        titleOf(service),
        service.status,
        `${service.replicas.filter(({ state }) => state === 'healthy').length}/${service.wanted}`,
        service.servingRevision ?? '',
        service.image.reference,
        service.ports.map(portText).join(', '),
        service.sentence,
      ]),
      'No services yet. Deploy some with "gantry apply -f FILE".',
    ),
  );
  return 'done';
}

/** `gantry service show`. */
export async function showService(context: CommandContext): Promise<Outcome> {
  const { args, terminal } = context;
  const service = await serviceOf(context);
  const revisions = await valuesOf(context, 'service.watchRevisions', { serviceId: service.id });
  revisions.sort((a, b) => b.revision.number - a.revision.number);
  const nowMs = Date.now();
  print(terminal, args.isGiven('json'), { service, revisions }, () => [
    service.sentence,
    ...service.pending.map(({ slot, why }) => `Replica ${slot} waits: ${why}`),
    ...(service.rollout === null ? [] : rolloutLines(service.rollout)),
    '',
    ...table(
      ['replica', 'state', 'revision', 'node', 'traffic', 'memory', 'restarts', 'detail'],
      service.replicas.map((replica) => [
        replica.name,
        replica.state,
        replica.revision,
        replica.hostId,
        replica.trafficPercent === null ? '' : `${Math.round(replica.trafficPercent)} %`,
        replica.memoryBytes === null ? '' : sizeText(replica.memoryBytes),
        replica.restarts,
        replica.detail,
      ]),
      'No replicas.',
    ),
    '',
    ...table(
      ['revision', 'state', 'when', 'image', 'changes'],
      revisions.map((each) => [
        each.revision.number,
        each.word,
        ageText(nowMs - each.revision.createdAtMs),
        each.revision.digest?.slice(7, 19) ?? '',
        each.changes.map(({ text }) => text).join('; '),
      ]),
      'No revisions.',
    ),
  ]);
  return 'done';
}

/** `gantry service scale`. */
export async function scale(context: CommandContext): Promise<Outcome> {
  const wanted = context.args.operands[1] ?? '';
  const replicas = Number(wanted);
  if (!/^\d+$/.test(wanted) || replicas > 1_000) {
    throw new GantryError('invalid-input', `scale takes a whole number from 0 to 1000, not "${wanted}".`);
  }
  const service = await serviceOf(context);
  const { revision } = await context.client.call('service.scale', { serviceId: service.id, replicas });
  return untilServing(context, service, revision, { serviceId: service.id, revision });
}

/** `gantry service rollback`. */
export async function rollBack(context: CommandContext): Promise<Outcome> {
  const service = await serviceOf(context);
  const toRevision = await revisionToGoBackTo(context, service);
  const rollout = await context.client.call('service.rollBack', { serviceId: service.id, toRevision });
  return untilServing(context, service, rollout.toRevision, rollout);
}

/** `gantry service restart`. */
export async function restart(context: CommandContext): Promise<Outcome> {
  const service = await serviceOf(context);
  await context.client.call('service.restart', { serviceId: service.id });
  const { revisions } = await serviceOf(context);
  return untilServing(context, service, revisions, { serviceId: service.id, revision: revisions });
}

/** `gantry service pause`, `resume`, `promote` and `abort`. */
export function onRollout(verb: 'pause' | 'resume' | 'promote' | 'abort') {
  return async (context: CommandContext): Promise<Outcome> => {
    const service = await serviceOf(context);
    const rollout = service.rollout?.rollout;
    if (rollout === undefined) {
      throw new GantryError('wrong-state', `${titleOf(service)} has no rollout under way. Nothing was changed.`);
    }
    await context.client.call(`rollout.${verb}`, { rolloutId: rollout.id });
    if (verb === 'resume' || verb === 'promote') return untilServing(context, service, rollout.toRevision, rollout);
    const back = verb === 'abort' ? rollout.fromRevision : null;
    if (back !== null) return untilServing(context, service, back, { aborted: rollout.id, revision: back });
    print(context.terminal, context.args.isGiven('json'), { rolloutId: rollout.id }, () => [
      verb === 'pause' ? `The rollout of ${titleOf(service)} is held.` : `The rollout of ${titleOf(service)} is ended.`,
    ]);
    return 'done';
  };
}

/** `gantry service rm`. */
export async function removeService(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const service = await serviceOf(context);
  if (!(await confirm(context, `Take ${titleOf(service)} away with its revisions? Its volumes stay.`)))
    return 'refused';
  await client.call('service.remove', { serviceId: service.id });
  await until(context, service);
  print(terminal, args.isGiven('json'), { removed: service.id }, () => [`${titleOf(service)} is gone.`]);
  return 'done';
}

/** `gantry service export`. */
export async function exportStack(context: CommandContext): Promise<Outcome> {
  const { client, args, terminal } = context;
  const exported = await client.call('service.export', {
    projectId: (await projectOf(context)).id,
    stack: stackOf(context),
    format: args.isGiven('compose') ? 'compose' : 'gantry',
  });
  if (!args.isGiven('json')) for (const note of exported.notes) terminal.progress(note);
  print(terminal, args.isGiven('json'), exported, () => [exported.text.trimEnd()]);
  return 'done';
}

async function untilServing(
  context: CommandContext,
  service: ServiceView,
  revision: number,
  json: object,
): Promise<Outcome> {
  const outcome = await awaitRollouts(context, service.projectId, [{ serviceId: service.id, revision }]);
  print(context.terminal, context.args.isGiven('json'), { ...json, outcome }, () => []);
  return outcome;
}

async function revisionToGoBackTo(context: CommandContext, service: ServiceView): Promise<number> {
  const given = context.args.text('to');
  if (given !== null) {
    if (/^\d+$/.test(given)) return Number(given);
    throw new GantryError('invalid-input', `--to takes the number of a revision, not "${given}".`);
  }
  const revisions = await valuesOf(context, 'service.watchRevisions', { serviceId: service.id });
  const before = revisions
    .filter(({ revision, canRollBack }) => canRollBack && revision.number < (service.servingRevision ?? 0))
    .sort((a, b) => b.revision.number - a.revision.number);
  const [last] = before;
  if (last !== undefined) return last.revision.number;
  throw new GantryError('wrong-state', `${titleOf(service)} has no older revision to go back to. Nothing was changed.`);
}

/** Resolves when the service is shown no more, or on Ctrl-C. */
async function until({ client, interrupted, terminal }: CommandContext, service: ServiceView): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const subscription = client.watch(
      'service.watch',
      { projectId: service.projectId },
      {
        snapshot: (values) => values.has(service.id) || end(),
        change: (_set, removed) => void (removed.includes(service.id) && end()),
        error: reject,
      },
    );
    const onAbort = (): void => {
      terminal.progress('Stopped waiting. It is being taken away while Gantry runs.');
      end();
    };
    function end(): void {
      interrupted.removeEventListener('abort', onAbort);
      queueMicrotask(() => subscription.dispose());
      resolve();
    }
    interrupted.addEventListener('abort', onAbort, { once: true });
  });
}

function rolloutLines({ rollout, steps, weightPercent }: RolloutView): string[] {
  const marks = { done: '✓', active: '…', paused: '‖', failed: '✗', waiting: ' ' } as const;
  return [
    `Rollout ${rollout.number} to revision ${rollout.toRevision}, ${Math.round(weightPercent)} % of the traffic:`,
    ...steps.map(
      ({ state, label, aside, detail }) =>
        `  ${marks[state]} ${label}  ${aside}${detail === null ? '' : `  ${detail}`}`,
    ),
  ];
}

/** `api`, or `lane-3/api`. */
export function titleOf({ stack, name }: Pick<ServiceView, 'stack' | 'name'>): string {
  return stack === mainStack ? name : `${stack}/${name}`;
}

function portText({ containerPort, protocol, address, hostPort }: ServiceView['ports'][number]): string {
  return hostPort === null ? `${containerPort}/${protocol}` : `${address}:${hostPort}→${containerPort}`;
}
