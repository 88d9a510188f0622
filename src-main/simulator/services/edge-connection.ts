/** How one run of the app reaches the simulated edges: with delays, and while the engine of their host answers. */
import { Emitter } from '#shared/base/emitter.ts';
import { fail, ok } from '#shared/base/result.ts';
import type { EdgeFacts, Edges, EdgeSpec } from '../../ports/edge.ts';
import type { EngineResult } from '../../ports/engine.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { AppLife } from './app-life.ts';
import { type ConnectionFaults, unreliably } from './connection-faults.ts';
import type { SimulatedEdge } from './simulated-edge.ts';
import { type SimulatedEngine, toolImage } from './simulated-engine.ts';

/** All edges, wherever they are, and how to make another one. */
export interface EdgeRegistry {
  readonly all: Set<SimulatedEdge>;
  readonly listeners: Set<(edge: SimulatedEdge) => void>;
  make(spec: EdgeSpec, engine: SimulatedEngine): SimulatedEdge;
}

/** Looks on at what the app does to edges. */
export interface EdgeWitness {
  /** `apply` brings the edge to the spec. */
  onApply(edge: SimulatedEdge, spec: EdgeSpec, apply: () => void): void;
}

const lookMs = 2;
const orderMs = 6;

/** A connection to the edges of one host. */
export function connectEdges(options: {
  readonly engine: SimulatedEngine;
  readonly life: AppLife;
  readonly registry: EdgeRegistry;
  readonly random: SeededRandom;
  readonly faults: ConnectionFaults;
  readonly witness: EdgeWitness;
}): Edges {
  const { engine, life, registry, witness, random, faults } = options;
  const way = { faults, random, later: (delayMs: number, run: () => void) => engine.after(delayMs, run) };
  const changes = new Emitter<string>();
  const listener = (edge: SimulatedEdge): void => {
    if (edge.engine === engine) void life.ask(lookMs, () => null).then(() => changes.fire(edge.spec.name));
  };
  registry.listeners.add(listener);
  const here = (name: string): SimulatedEdge | undefined =>
    [...registry.all].find((edge) => edge.engine === engine && edge.spec.name === name);
  const found = (name: string): EngineResult<SimulatedEdge> => {
    const edge = here(name);
    if (!engine.isUp) return fail({ reason: 'unreachable', message: 'The engine does not answer.', detail: '' });
    if (edge === undefined)
      return fail({ reason: 'no-such-container', message: `There is no edge ${name}.`, detail: '' });
    return edge.isReachable
      ? ok(edge)
      : fail({ reason: 'timeout', message: `The edge ${name} does not answer.`, detail: '' });
  };
  const order = <T>(
    step: string,
    change: (answer: (value: EngineResult<T>) => void) => void,
  ): Promise<EngineResult<T>> =>
    life.order<EngineResult<T>>(`${step} on ${engine.hostId}`, orderMs, (answer) => {
      if (engine.isUp) unreliably(way, change, answer);
      else answer(fail({ reason: 'unreachable', message: 'The engine does not answer.', detail: '' }));
    });
  return {
    apply: (spec) =>
      order<EdgeFacts>(`traffic of ${spec.name}`, (answer) => {
        const known = here(spec.name) ?? registry.make({ ...spec, pools: [] }, engine);
        if (known.container.state === 'exited') engine.start(known.container);
        const edge = found(spec.name);
        if (edge.ok) witness.onApply(edge.value, spec, () => edge.value.apply(spec));
        answer(edge.ok ? ok(edge.value.facts()) : edge);
      }),
    read: (name) =>
      life.ask(lookMs, () => {
        const edge = found(name);
        return edge.ok ? ok(edge.value.facts()) : edge;
      }),
    remove: (name) =>
      order<null>(`removal of ${name}`, (answer) => {
        const edge = here(name);
        if (edge !== undefined) engine.remove(edge.container);
        answer(ok(null));
      }),
    list: () =>
      life.ask(lookMs, () =>
        ok([...registry.all].filter((edge) => edge.engine === engine).map(({ spec: { name } }) => name)),
      ),
    prepare: () => life.ask(lookMs, () => ok({ image: toolImage.digest })),
    onDidChange: changes.event,
    dispose: () => {
      registry.listeners.delete(listener);
      changes.dispose();
    },
  };
}
