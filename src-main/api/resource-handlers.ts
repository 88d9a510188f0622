import type { ContractHandlers } from '#shared/contract/handlers.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { byId, feedAll } from './keyed-source.ts';

type Names = Extract<keyof ContractHandlers, `${'secret' | 'config' | 'volume' | 'engine' | 'image'}.${string}`>;

/** `secret.*`, `config.*`, `volume.*`, `engine.*` and `image.*` */
export function resourceHandlers(orchestrator: Orchestrator): Pick<ContractHandlers, Names> {
  const { secrets, volumes, engines, views, onDidChange } = orchestrator;
  return {
    'secret.watch': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.resources.has(projectId) || change.services.size > 0,
        () => new Map(views.secrets(projectId).map((secret) => [secret.name, secret])),
      ),
    'secret.put': ({ projectId, name, value, isBase64 }) =>
      secrets.put(projectId, name, Buffer.from(value, isBase64 ? 'base64' : 'utf8')),
    'secret.remove': async ({ projectId, name }) => {
      await secrets.remove(projectId, name);
      return {};
    },
    'secret.rollOut': ({ projectId, name }) => secrets.rollOut(projectId, name),
    'secret.key': async () => secrets.key(),
    'secret.rotateKey': () => secrets.rotateKey(),
    'config.watch': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.resources.has(projectId) || change.services.size > 0,
        () => new Map(views.configs(projectId).map((config) => [config.name, config])),
      ),
    'config.put': ({ projectId, name, text }) => secrets.putConfig(projectId, name, text),
    'config.remove': async ({ projectId, name }) => {
      await secrets.removeConfig(projectId, name);
      return {};
    },
    'volume.watch': ({ projectId }, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.resources.has(projectId) || change.services.size > 0,
        () => new Map(views.volumes(projectId).map((volume) => [`${volume.stack}/${volume.name}`, volume])),
      ),
    'volume.remove': async (input) => {
      await volumes.remove(input);
      return {};
    },
    'volume.backUp': (input) => volumes.backUp(input),
    'volume.restore': async (input) => {
      await volumes.restore(input);
      return {};
    },
    'engine.watch': (_input, sink) =>
      feedAll(
        sink,
        onDidChange,
        (change) => change.hosts || change.services.size > 0,
        () => byId(views.hosts()),
      ),
    'engine.put': async (host) => {
      await engines.put(host);
      return {};
    },
    'engine.remove': async (input) => {
      await engines.remove(input);
      return {};
    },
    'engine.drain': async ({ hostId, drain }) => {
      await engines.drain(hostId, drain);
      return {};
    },
    'image.list': () => engines.listImages(),
    'image.remove': async (input) => {
      await engines.removeImage(input);
      return {};
    },
    'image.prunePlan': () => engines.prunePlan(),
    'image.prune': (input) => engines.prune(input),
  };
}
