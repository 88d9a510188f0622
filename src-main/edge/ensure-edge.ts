/** Brings an edge's container up, whatever state it is found in. */
import { ok } from '#shared/base/result.ts';
import type { EdgeSpec } from '../ports/edge.ts';
import type { ContainerEngine, ContainerFacts, EngineResult } from '../ports/engine.ts';
import {
  createEdge,
  type EdgeContainers,
  findEdge,
  isContainerOf,
  nextName,
  startOrRemove,
  stopGraceMs,
} from './edge-container.ts';
import { keptFiles } from './edge-files.ts';
import { replaceEdge } from './edge-replacement.ts';

/** The running container of an edge: the one that is there, or a new one. `isNew` says which. */
export async function ensureEdge(
  tools: EdgeContainers,
  spec: EdgeSpec,
): Promise<EngineResult<{ container: ContainerFacts; isNew: boolean }>> {
  const { engine } = tools;
  const found = await findEdge(engine, spec.name);
  if (!found.ok) return found;
  const container = found.value;
  if (container !== null && isContainerOf(spec, container) && wasStarted(container)) {
    if (container.state === 'running') return ok({ container, isNew: false });
    const started = await bringUp(engine, spec, container);
    return started.ok ? ok({ container: started.value, isNew: true }) : started;
  }
  const replaces = container !== null && wasStarted(container);
  const made = replaces ? await replaceEdge(tools, spec, container) : await makeFirst(engine, spec, container);
  return made.ok ? ok({ container: made.value, isNew: true }) : made;
}

/** One that was only created may lack its files. */
function wasStarted({ state }: ContainerFacts): boolean {
  return state !== 'created' && state !== 'dead' && state !== 'removing';
}

/** One that was stopped by a person, or ends again and again: begins with files that are known to be whole. */
async function bringUp(
  engine: ContainerEngine,
  spec: EdgeSpec,
  { id, state }: ContainerFacts,
): Promise<EngineResult<ContainerFacts>> {
  const put = await engine.putArchive(id, '/', keptFiles(spec));
  if (!put.ok) return put;
  const isStopped = state === 'exited';
  const started = isStopped ? await engine.startContainer(id) : await engine.restartContainer(id, stopGraceMs);
  return started.ok ? engine.inspectContainer(id) : started;
}

async function makeFirst(
  engine: ContainerEngine,
  spec: EdgeSpec,
  unused: ContainerFacts | null,
): Promise<EngineResult<ContainerFacts>> {
  // A replacement that was cut short before it got its name serves already.
  const next = await findEdge(engine, nextName(spec.name));
  if (!next.ok) return next;
  if (next.value?.state === 'running' && isContainerOf(spec, next.value) && unused === null) {
    const renamed = await engine.renameContainer(next.value.id, spec.name);
    return renamed.ok ? engine.inspectContainer(next.value.id) : renamed;
  }
  for (const left of [unused, next.value]) {
    const removed = left === null ? ok(null) : await engine.removeContainer(left.id);
    if (!removed.ok) return removed;
  }
  const created = await createEdge(engine, spec, spec.name);
  return created.ok ? startOrRemove(engine, created.value.id) : created;
}
