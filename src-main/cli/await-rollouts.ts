/** Waits until rollouts have ended, saying each step once. */
import type { RolloutView, ServiceView } from '#shared/contract/service-views.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { CommandContext, Outcome } from './command-context.ts';
import { watchMap } from './watched-map.ts';

/** A revision that a service is to serve. */
export interface Goal {
  readonly serviceId: ServiceId;
  readonly revision: number;
}

/** What is known of a goal: `waiting` for a person goes on as soon as there is one. */
export type GoalState =
  | { readonly state: 'under-way' }
  | { readonly state: 'waiting'; readonly detail: string }
  | { readonly state: 'reached' }
  | { readonly state: 'missed'; readonly detail: string };

/** Pure: how far a service is on the way to a revision. `rollouts` are newest first. */
export function goalState(
  service: Pick<ServiceView, 'servingRevision' | 'rollout'> | undefined,
  rollouts: readonly RolloutView[],
  revision: number,
): GoalState {
  const view = rollouts.find(({ rollout }) => rollout.toRevision === revision);
  if (service === undefined) return { state: 'missed', detail: 'It was removed.' };
  if (view === undefined) {
    return service.servingRevision === revision && service.rollout === null
      ? { state: 'reached' }
      : { state: 'under-way' };
  }
  const { stage, paused } = view.rollout;
  if (stage.name === 'ended') {
    if (stage.outcome === 'succeeded') return { state: 'reached' };
    // The way back belongs to it: a failed rollout is over when what served before serves again.
    if (service.rollout !== null && service.rollout.rollout.kind === 'auto-rollback') return { state: 'under-way' };
    return { state: 'missed', detail: stage.detail };
  }
  if (paused?.because === 'failure') return { state: 'missed', detail: `It is held after a failure: ${paused.detail}` };
  if (paused !== null) return { state: 'waiting', detail: 'for a person who holds it. Go on: gantry service resume.' };
  if (view.waitsFor !== null && view.can.promote) return { state: 'waiting', detail: `for ${view.waitsFor}.` };
  return { state: 'under-way' };
}

/** Resolves once every goal is reached or missed, or Ctrl-C; done only when all are reached. */
export async function awaitRollouts(
  context: CommandContext,
  projectId: ProjectId,
  goals: readonly Goal[],
): Promise<Outcome> {
  const { client, terminal, args, interrupted, ownsHost } = context;
  if (goals.length === 0) return 'done';
  if (args.isGiven('detach') && !ownsHost) return 'done';
  if (args.isGiven('detach')) terminal.progress('No Gantry runs that would go on with it: waiting for the end here.');
  const services = await watchMap(client, 'service.watch', { projectId });
  const rollouts = new Map(
    await Promise.all(
      goals.map(
        async ({ serviceId }) => [serviceId, await watchMap(client, 'service.watchRollouts', { serviceId })] as const,
      ),
    ),
  );
  const said = new Map<string, string>();
  const say = (key: string, line: string): void => {
    if (said.get(key) === line) return;
    said.set(key, line);
    terminal.progress(line);
  };
  const sayOnce = (key: string, line: string): void => {
    if (!said.has(key)) say(key, line);
  };
  try {
    return await new Promise<Outcome>((settle) => {
      const look = (): void => {
        const states = goals.map(({ serviceId, revision }) => {
          const service = services.values.get(serviceId);
          const views = [...(rollouts.get(serviceId)?.values.values() ?? [])].sort(
            (a, b) => b.rollout.number - a.rollout.number,
          );
          const name = nameOf(serviceId);
          for (const line of stepLines(service)) say(`${serviceId} ${line.key}`, `${name}: ${line.text}`);
          const state = goalState(service, views, revision);
          if (state.state === 'reached') say(serviceId, `${name}: revision ${revision} serves.`);
          if (state.state === 'missed') say(serviceId, `${name}: revision ${revision} does not serve. ${state.detail}`);
          // Once a step: how long it still waits changes all the time.
          if (state.state === 'waiting') sayOnce(`${serviceId} ${stepOf(views)}`, `${name}: waits ${state.detail}`);
          return state.state;
        });
        if (states.some((state) => state === 'under-way' || state === 'waiting')) return;
        settle(states.every((state) => state === 'reached') ? 'done' : 'refused');
      };
      services.onDidChange(look);
      for (const watched of rollouts.values()) watched.onDidChange(look);
      const stop = (): void => {
        terminal.progress('Stopped waiting. What was begun goes on while Gantry runs.');
        settle('interrupted');
      };
      interrupted.addEventListener('abort', stop, { once: true });
      if (interrupted.aborted) stop();
      look();
    });
  } finally {
    services.dispose();
    for (const watched of rollouts.values()) watched.dispose();
  }
}

/** Steps of the rollout under way, each as often as its state changes. */
function stepLines(service: ServiceView | undefined): { key: string; text: string }[] {
  const view = service?.rollout ?? null;
  if (view === null) return [];
  return view.steps
    .filter(({ state }) => state !== 'waiting')
    .map(({ key, label, state, detail }) => {
      const mark = { done: '✓', active: '…', paused: '‖', failed: '✗' }[
        state as 'done' | 'active' | 'paused' | 'failed'
      ];
      const why = state === 'failed' && detail !== null ? ` (${detail})` : '';
      return { key: `${view.rollout.number} ${key}`, text: `${mark} ${label}${why}` };
    });
}

/** Names the step that a service is at, and whether it stands still there. */
function stepOf([newest]: readonly RolloutView[]): string {
  if (newest === undefined) return '';
  const { number, stage, paused } = newest.rollout;
  return `waits ${number} ${stage.name} ${'step' in stage ? stage.step : ''} ${paused === null}`;
}

function nameOf(serviceId: ServiceId): string {
  return serviceId.slice(serviceId.indexOf('/') + 1).replace(/^main\//, '');
}
