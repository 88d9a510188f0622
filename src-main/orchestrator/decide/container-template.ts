/** What a container of a revision is made from, as one text: equal texts need no new container. */
import type { Revision } from '#shared/model/service.ts';
import { assertDefined } from '#shared/base/assert.ts';

/**
 * Canonical JSON of everything that a revision's containers are made from, to be hashed, and of what
 * they are to show: the ports that they listen on and their probe are the edge's, but a revision with
 * others is proven only by containers of its own. Not in it is what reaches no container: scale,
 * update policies, restart delays, host ports and routes, how often http and tcp probes are made,
 * constraints and dependencies. Its image must be pinned.
 */
export function containerTemplate(revision: Revision): string {
  const { spec } = revision;
  const digest = assertDefined(revision.digest, 'a template is made of a pinned image');
  return canonicalJson({
    digest,
    entrypoint: spec.entrypoint,
    command: spec.command,
    env: spec.env,
    workingDirectory: spec.workingDirectory,
    user: spec.user,
    limits: spec.limits,
    // An engine that restarts by itself is a property of the container.
    restartsAlways: spec.restart.condition === 'any',
    ports: spec.ports.map(({ containerPort }) => containerPort).sort((a, b) => a - b),
    health: spec.health?.probe.kind === 'exec' ? spec.health : (spec.health?.probe ?? null),
    mounts: spec.mounts,
    secrets: spec.secrets.map((use) => ({ ...use, version: revision.secretVersions[use.secret] ?? null })),
    configs: spec.configs.map((use) => ({ ...use, version: revision.configVersions[use.config] ?? null })),
    stopSignal: spec.stopSignal,
    stopGraceMs: spec.stopGraceMs,
    labels: spec.labels,
  });
}

/** JSON with the keys of every object in the order of their code units. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? sortedByKey(part) : part));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
