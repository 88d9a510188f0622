/** The life of containers: listed, made, started, ended, removed. */
import { z } from 'zod';
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, ContainerSpec, EngineRefusal, EngineResult } from '../ports/engine.ts';
import { containerBody, endpointBody } from './container-body.ts';
import { containerFacts, containerInspectionSchema, containerListSchema } from './container-facts.ts';
import { labelFilters } from './engine-answer.ts';
import { accepting, deadlines, type EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { atOnceMax, inParallel } from './in-parallel.ts';

type Containers = Pick<
  ContainerEngine,
  | 'listContainers'
  | 'inspectContainer'
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'killContainer'
  | 'restartContainer'
  | 'removeContainer'
  | 'renameContainer'
  | 'setRestart'
  | 'publishedPorts'
>;

const createdSchema = z.object({ Id: z.string() });

/** `isOurs` tells from its labels whether Gantry made a container. */
export function containers(
  calls: EngineCalls,
  isOurs: (labels: Readonly<Record<string, string>>) => boolean,
): Containers {
  const inspectContainer: Containers['inspectContainer'] = async (id) => {
    const container = await calls.read(
      { path: enginePath`/containers/${id}/json`, doing: 'inspect a container' },
      containerInspectionSchema,
    );
    return container.ok ? ok(containerFacts(container.value)) : container;
  };

  const removeContainer: Containers['removeContainer'] = async (id) =>
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

  async function publishedPorts(): ReturnType<Containers['publishedPorts']> {
    const running = await calls.read({ path: '/containers/json', doing: 'list containers' }, containerListSchema);
    if (!running.ok) return running;
    return ok(
      running.value.flatMap((container) =>
        (container.Ports ?? []).flatMap(({ IP, PublicPort, Type }) =>
          PublicPort === undefined || (Type !== undefined && Type !== 'tcp')
            ? []
            : [
                {
                  hostPort: PublicPort,
                  address: IP || '0.0.0.0',
                  containerName: (container.Names?.[0] ?? container.Id).replace(/^\//, ''),
                  isOurs: isOurs(container.Labels),
                },
              ],
        ),
      ),
    );
  }

  /** Says whose a taken port is, where it is a container's. */
  async function nameOwner(refusal: EngineRefusal): Promise<EngineRefusal> {
    const port = takenPort(refusal.detail);
    if (refusal.reason !== 'port-taken' || port === null) return refusal;
    const published = await publishedPorts();
    const owner = published.ok ? published.value.find(({ hostPort }) => hostPort === port) : undefined;
    const who = owner === undefined ? 'another program on the host' : `the container ${owner.containerName}`;
    return { ...refusal, message: `Port ${port} is taken by ${who}. Choose another port, or end what listens there.` };
  }

  async function startingWith(order: Promise<EngineResult<null>>): Promise<EngineResult<null>> {
    const started = await order;
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
    inspectContainer,
    removeContainer,
    publishedPorts,

    async listContainers(labels) {
      const listed = await calls.read(
        { path: '/containers/json', query: { all: true, filters: labelFilters(labels) }, doing: 'list containers' },
        containerListSchema,
      );
      if (!listed.ok) return listed;
      // A list says neither exit codes nor times: each is inspected. Those that went meanwhile are left out.
      const inspected = await inParallel(listed.value, atOnceMax, ({ Id }) => inspectContainer(Id));
      const failed = inspected.find((one) => !one.ok && one.error.reason !== 'no-such-container');
      if (failed && !failed.ok) return failed;
      return ok(inspected.flatMap((one) => (one.ok ? [one.value] : [])));
    },

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
      startingWith(
        calls.order({
          method: 'POST',
          path: enginePath`/containers/${id}/start`,
          deadlineMs: deadlines.createMs,
          doing: 'start the container',
        }),
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
      startingWith(
        calls.order({
          method: 'POST',
          path: enginePath`/containers/${id}/restart`,
          query: { t: Math.ceil(graceMs / 1_000) },
          deadlineMs: graceMs + deadlines.createMs,
          doing: 'restart the container',
        }),
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
