import type { Event } from '#shared/base/emitter.ts';
import type { ContractHandlers, StateSink } from '#shared/contract/handlers.ts';
import type { RolloutId, ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceChange } from '../orchestrator/drive/service-feed.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { byId, feedAll } from './keyed-source.ts';

type ServiceNoun = 'service' | 'rollout' | 'stack' | 'exec' | 'load' | 'preview';
type ServiceHandlers = Pick<ContractHandlers, Extract<keyof ContractHandlers, `${ServiceNoun}.${string}`>>;

/** `service.*`, `rollout.*`, `stack.*`, `exec.*`, `load.*` and `preview.*` */
export function serviceHandlers(orchestrator: Orchestrator): ServiceHandlers {
  const { services, stacks, replicas, loads, previews, views, onDidChange } = orchestrator;
  /** A call on one rollout that answers nothing. */
  const onRollout =
    (act: (rolloutId: RolloutId) => Promise<void>) =>
    async ({ rolloutId }: { rolloutId: RolloutId }): Promise<Record<string, never>> => {
      await act(rolloutId);
      return {};
    };
  const feed = <Value>(
    sink: StateSink<Value>,
    matters: (change: ServiceChange) => boolean,
    read: () => ReadonlyMap<string, Value>,
  ) => feedAll(sink, onDidChange, matters, read);
  const touches = (serviceId: ServiceId) => (change: ServiceChange) => change.services.has(serviceId);
  return {
    'service.watch': ({ projectId }, sink) =>
      feed(
        sink,
        (change) => change.services.size > 0 || change.hosts,
        () => byId(views.services(projectId)),
      ),
    'service.watchRevisions': ({ serviceId }, sink) =>
      feed(
        sink,
        touches(serviceId),
        () => new Map(views.revisions(serviceId).map((view) => [String(view.revision.number), view])),
      ),
    'service.watchRollouts': ({ serviceId }, sink) =>
      feed(sink, touches(serviceId), () => new Map(views.rollouts(serviceId).map((view) => [view.rollout.id, view]))),
    'service.watchEvents': ({ projectId }, sink) =>
      feed(
        sink,
        (change) => change.events,
        () => byId(views.events(projectId)),
      ),
    'service.watchStats': ({ serviceId }, sink) => {
      const sampling = replicas.sampleStats(serviceId);
      const fed = feedAll(
        sink,
        sampling.onDidSample as Event<unknown>,
        () => true,
        () => new Map(sampling.history().map((each) => [each.containerId, each])),
      );
      return {
        dispose: () => {
          fed.dispose();
          sampling.dispose();
        },
      };
    },
    'service.watchProgress': ({ projectId }, sink) =>
      feed(
        sink,
        (change) => change.progress,
        () =>
          new Map(views.progress(projectId).map((each) => [`${each.serviceId}@${each.revision} ${each.hostId}`, each])),
      ),
    'service.plan': ({ projectId, stack, spec }) => services.plan(projectId, stack, spec),
    'service.deploy': (input) => services.deploy({ ...input, origin: { kind: 'person' } }),
    'service.scale': ({ serviceId, replicas: count }) => services.scale(serviceId, count),
    'service.restart': async ({ serviceId }) => {
      await services.restart(serviceId);
      return {};
    },
    'service.rollBack': ({ serviceId, toRevision }) => services.rollBack(serviceId, toRevision),
    'service.remove': async ({ serviceId }) => {
      await services.remove(serviceId);
      return {};
    },
    'service.export': ({ projectId, stack, format }) => stacks.export(projectId, stack, format),
    'service.logs': (input, context) => replicas.logs(input, context.signal),

    'exec.open': (input) => replicas.openExec(input),
    'exec.output': ({ execId }, context) => replicas.execOutput(execId, context.signal),
    'exec.input': async ({ execId, bytes }) => {
      await replicas.execInput(execId, Buffer.from(bytes, 'base64'));
      return {};
    },
    'exec.resize': async (input) => {
      await replicas.resizeExec(input);
      return {};
    },
    'exec.close': async ({ execId }) => {
      await replicas.closeExec(execId);
      return {};
    },

    'rollout.pause': onRollout((id) => services.pause(id)),
    'rollout.resume': onRollout((id) => services.resume(id)),
    'rollout.promote': onRollout((id) => services.promote(id)),
    'rollout.abort': onRollout((id) => services.abort(id)),

    'load.watch': ({ projectId }, sink) =>
      feed(
        sink,
        (change) => change.loads,
        () => byId(views.loads(projectId)),
      ),
    'load.start': (input) => loads.start(input),
    'load.stop': async ({ loadId }) => {
      await loads.stop(loadId);
      return {};
    },

    'stack.plan': (file) => stacks.plan(file),
    'stack.apply': (file) => stacks.apply(file),
    'stack.read': (file) => stacks.read(file),
    'stack.write': async ({ services: specs }) => ({ text: stacks.write(specs) }),

    'preview.watch': ({ projectId }, sink) =>
      feed(
        sink,
        (change) => change.resources.has(projectId) || change.services.size > 0,
        () => new Map(views.previews(projectId).map((view) => [view.preview.stack, view])),
      ),
    'preview.start': async ({ laneId }) => {
      await previews.start(laneId);
      return {};
    },
    'preview.stop': async ({ laneId }) => {
      await previews.stop(laneId);
      return {};
    },
    'preview.promote': ({ laneId, services: names }) => previews.promote(laneId, names),
  };
}
