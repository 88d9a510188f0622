/** Containers as they are: listed, inspected, with the ports that they take. */
import { fail, ok } from '#shared/base/result.ts';
import type { ContainerEngine, ContainerFacts, EngineResult } from '../ports/engine.ts';
import { containerFacts, containerInspectionSchema, containerListSchema, stateOf } from './container-facts.ts';
import { labelFilters } from './engine-answer.ts';
import type { EngineCalls } from './engine-calls.ts';
import { enginePath } from './engine-connection.ts';
import { refusalOfEnding } from './engine-refusal.ts';
import { atOnceMax, inParallel } from './in-parallel.ts';

type ContainerView = Pick<ContainerEngine, 'listContainers' | 'inspectContainer' | 'publishedPorts'>;

/** As many are remembered; those that are asked about again cost one request. */
const endedMax = 10_000;

/**
 * Containers that are being started, by id, with what they were before. Engines hold such a container
 * locked: inspecting it, and with it any list, would wait until all of them are started.
 */
export type BeingStarted = Map<string, Promise<EngineResult<ContainerFacts>>>;

/** `isOurs` tells from its labels whether Gantry made a container. */
export function containerView(
  { calls, isStaying }: { calls: EngineCalls; isStaying: () => Promise<boolean> },
  beingStarted: BeingStarted,
  isOurs: (labels: Readonly<Record<string, string>>) => boolean,
): ContainerView {
  /** Ends that were told. */
  const ended = new Set<string>();

  /** An end is told once the engine is known to stay: what ends with its engine is not known to have ended by itself. */
  async function inspectContainer(id: string): Promise<EngineResult<ContainerFacts>> {
    const doing = 'inspect a container';
    const container = await calls.read({ path: enginePath`/containers/${id}/json`, doing }, containerInspectionSchema);
    if (!container.ok) return container;
    const facts = containerFacts(container.value);
    if (facts.state !== 'exited' && facts.state !== 'dead') return ok(facts);
    const end = `${facts.id} ${facts.finishedAtMs}`;
    if (!ended.has(end) && !(await isStaying())) return fail(refusalOfEnding(doing));
    if (ended.size >= endedMax) ended.clear();
    ended.add(end);
    return ok(facts);
  }

  return {
    inspectContainer,

    async listContainers(labels) {
      const listed = await calls.read(
        { path: '/containers/json', query: { all: true, filters: labelFilters(labels) }, doing: 'list containers' },
        containerListSchema,
      );
      if (!listed.ok) return listed;
      // A list says neither exit codes nor times: each is inspected. Those that went meanwhile are left out.
      const inspected = await inParallel(listed.value, atOnceMax, async ({ Id, State }) => {
        const before = await beingStarted.get(Id);
        return before?.ok === true ? ok({ ...before.value, state: stateOf(State) }) : inspectContainer(Id);
      });
      const failed = inspected.find((one) => !one.ok && one.error.reason !== 'no-such-container');
      if (failed && !failed.ok) return failed;
      return ok(inspected.flatMap((one) => (one.ok ? [one.value] : [])));
    },

    async publishedPorts() {
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
    },
  };
}
