/** The life of containers: made, started, ended, removed. */
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, ContainerSpec, EngineRefusal, EngineResult } from '../ports/engine.ts';
import { containerBody, endpointBody } from './container-body.ts';
import type { BeingStarted } from './container-view.ts';
import { accepting, deadlines, type EngineCall, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';

type ContainerLife = Pick<
  ContainerEngine,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'restartContainer'
  | 'removeContainer'
  | 'renameContainer'
  | 'setRestart'
>;

const createdSchema = z.object({ Id: z.string() });

/** Notes in `beingStarted` what it starts; `view` is asked for whose a taken port is. */
export function containerLife(
  calls: EngineCalls,
  view: Pick<ContainerEngine, 'inspectContainer' | 'publishedPorts'>,
  beingStarted: BeingStarted,
): ContainerLife {
  const removeContainer: ContainerLife['removeContainer'] = async (id) =>
    accepting(
      await calls.order({
        method: 'DELETE',
        path: enginePath`/containers/${id}`,
        query: { force: true, v: true },
        deadlineMs: deadlines.createMs,
        doing: 'remove a container',
      }),
      ({ reason, detail }) => reason === 'no-such-container' || /already in progress/i.test(detail),
    );

  /** Says whose a taken port is, where it is a container's. */
  async function nameOwner(refusal: EngineRefusal): Promise<EngineRefusal> {
    const port = takenPort(refusal.detail);
    if (refusal.reason !== 'port-taken' || port === null) return refusal;
    const published = await view.publishedPorts();
    const owner = published.ok ? published.value.find(({ hostPort }) => hostPort === port) : undefined;
    const who = owner === undefined ? 'another program on the host' : `the container ${owner.containerName}`;
    return { ...refusal, message: `Port ${port} is taken by ${who}. Choose another port, or end what listens there.` };
  }

  async function startBy(call: EngineCall, id: string): Promise<EngineResult<null>> {
    const looked = view.inspectContainer(id);
    // From now on, since a list that asked for itself between the look and the start would wait for the start.
    beingStarted.set(id, looked);
    const before = await looked;
    const started = before.ok ? await calls.order(call) : before;
    if (beingStarted.get(id) === looked) beingStarted.delete(id);
    if (!before.ok) return before;
    return started.ok ? started : fail(await nameOwner(started.error));
  }

  async function connectAll(id: string, networks: ContainerSpec['networks']): Promise<EngineResult<null>> {
    for (const { network, aliases } of networks) {
      const connected = await calls.order({
        method: 'POST',
        path: enginePath`/networks/${network}/connect`,
        body: { Container: id, EndpointConfig: endpointBody(aliases) },
        doing: `connect a container to the network ${network}`,
      });
      if (!connected.ok) return connected;
    }
    return ok(null);
  }

  return {
    removeContainer,

    async createContainer(spec) {
      const created = await calls.change(
        {
          method: 'POST',
          path: '/containers/create',
          query: { name: spec.name },
          body: containerBody(spec),
          deadlineMs: deadlines.createMs,
          doing: `create the container ${spec.name}`,
        },
        createdSchema,
      );
      if (!created.ok) return created;
      const { Id: id } = created.value;
      const connected = await connectAll(id, spec.networks.slice(1));
      if (connected.ok) return ok({ id });
      await removeContainer(id);
      return connected;
    },

    startContainer: (id) =>
      startBy(
        {
          method: 'POST',
          path: enginePath`/containers/${id}/start`,
          deadlineMs: deadlines.createMs,
          doing: 'start the container',
        },
        id,
      ),

    stopContainer: (id, graceMs) =>
      calls.order({
        method: 'POST',
        path: enginePath`/containers/${id}/stop`,
        query: { t: Math.ceil(graceMs / 1_000) },
        deadlineMs: graceMs + deadlines.readMs,
        doing: 'stop the container',
      }),

    killContainer: (id, signal) =>
      calls.order({
        method: 'POST',
        path: enginePath`/containers/${id}/kill`,
        query: { signal },
        doing: `send ${signal} to the container`,
      }),

    restartContainer: (id, graceMs) =>
      startBy(
        {
          method: 'POST',
          path: enginePath`/containers/${id}/restart`,
          query: { t: Math.ceil(graceMs / 1_000) },
          deadlineMs: graceMs + deadlines.createMs,
          doing: 'restart the container',
        },
        id,
      ),

    renameContainer: (id, name) =>
      calls.order({
        method: 'POST',
        path: enginePath`/containers/${id}/rename`,
        query: { name },
        doing: `rename the container to ${name}`,
      }),

    setRestart: (id, restart) =>
      calls.order({
        method: 'POST',
        path: enginePath`/containers/${id}/update`,
        body: { RestartPolicy: { Name: restart } },
        doing: 'change who restarts the container',
      }),
  };
}

/** The port that the engine says is taken: "Bind for 127.0.0.1:8080 failed", "listen tcp4 0.0.0.0:8080: bind: …". */
export function takenPort(detail: string): number | null {
  const found = /(?:Bind for|listen tcp[46]?|bind host port for|exposing port TCP|bind host port)\s+\S*?:(\d+)/i.exec(
    detail,
  );
  return found?.[1] === undefined ? null : Number(found[1]);
}
