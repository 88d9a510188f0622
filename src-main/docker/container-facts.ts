/** Containers as Docker's API tells them, and as facts. */
import { z } from 'zod';
import type { ContainerFacts } from '../ports/engine.ts';
import { instantMs, labelsSchema, orNull } from './engine-answer.ts';

/** What is read of `GET /containers/json`. */
export const containerListSchema = z.array(
  z.object({
    Id: z.string(),
    Names: orNull(z.array(z.string())),
    Labels: labelsSchema,
    State: z.string(),
    Ports: orNull(
      z.array(z.object({ IP: z.string().optional(), PublicPort: z.number().optional(), Type: z.string().optional() })),
    ),
  }),
);

const portsSchema = orNull(
  z.record(z.string(), z.array(z.object({ HostIp: z.string().optional(), HostPort: z.string() })).nullable()),
);

/** What is read of `GET /containers/{id}/json`. */
export const containerInspectionSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Image: z.string(),
  RestartCount: z.number().default(0),
  Config: z.object({ Image: z.string(), Labels: labelsSchema }),
  HostConfig: z.object({ RestartPolicy: orNull(z.object({ Name: z.string().default('no') })) }),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    Error: z.string().default(''),
    OOMKilled: z.boolean().default(false),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: orNull(
      z.object({
        Status: z.string(),
        FailingStreak: z.number().default(0),
        Log: orNull(z.array(z.object({ ExitCode: z.number(), Output: z.string(), End: z.string() }))),
      }),
    ),
  }),
  NetworkSettings: z.object({
    Ports: portsSchema,
    Networks: orNull(z.record(z.string(), z.object({ IPAddress: z.string().default('') }))),
  }),
  Mounts: orNull(
    z.array(
      z.object({
        Type: z.string().default('volume'),
        Name: z.string().optional(),
        Source: z.string().default(''),
        Destination: z.string(),
      }),
    ),
  ),
});
export type ContainerInspection = z.infer<typeof containerInspectionSchema>;

const states = new Set<string>(['created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing']);

/** The facts of an inspected container. */
export function containerFacts(container: ContainerInspection): ContainerFacts {
  const { State: state } = container;
  const status = stateOf(state.Status);
  const hasEnded = status === 'exited' || status === 'dead';
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    image: container.Config.Image,
    imageId: container.Image,
    labels: container.Config.Labels,
    state: status,
    createdAtMs: instantMs(container.Created) ?? 0,
    startedAtMs: instantMs(state.StartedAt),
    finishedAtMs: instantMs(state.FinishedAt),
    // One that could not be started stays `created`, with the code that says so.
    exitCode: hasEnded || state.Error !== '' ? state.ExitCode : null,
    wasOutOfMemory: state.OOMKilled,
    error: state.Error,
    restarts: container.RestartCount,
    restart: restartOf(container.HostConfig.RestartPolicy?.Name ?? 'no'),
    health: healthOf(state.Health),
    addresses: Object.fromEntries(
      Object.entries(container.NetworkSettings.Networks ?? {})
        .filter(([, { IPAddress }]) => IPAddress !== '')
        .map(([network, { IPAddress }]) => [network, IPAddress]),
    ),
    ports: Object.entries(container.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
      (port.endsWith('/tcp') ? (bindings ?? []) : []).map(({ HostIp, HostPort }) => ({
        containerPort: Number.parseInt(port, 10),
        address: HostIp || '0.0.0.0',
        hostPort: Number(HostPort),
      })),
    ),
    mounts: (container.Mounts ?? []).map(({ Type, Name, Source, Destination }) => ({
      kind: Type,
      source: Type === 'volume' ? (Name ?? Source) : Source,
      target: Destination,
    })),
  };
}

function restartOf(policy: string): ContainerFacts['restart'] {
  if (policy === 'no' || policy === '') return 'no';
  return policy === 'unless-stopped' ? 'unless-stopped' : 'other';
}

/** A state as engines say it. Podman has some of its own for the moments between Docker's. */
export function stateOf(status: string): ContainerFacts['state'] {
  if (states.has(status)) return status as ContainerFacts['state'];
  if (status === 'stopped' || status === 'stopping') return 'exited';
  return 'created';
}

function healthOf(health: ContainerInspection['State']['Health']): ContainerFacts['health'] {
  if (
    health === null ||
    (health.Status !== 'starting' && health.Status !== 'healthy' && health.Status !== 'unhealthy')
  ) {
    return null;
  }
  const last = health.Log?.at(-1);
  return {
    status: health.Status,
    failuresInARow: health.FailingStreak,
    last: last ? { exitCode: last.ExitCode, output: last.Output, endedAtMs: instantMs(last.End) ?? 0 } : null,
  };
}
