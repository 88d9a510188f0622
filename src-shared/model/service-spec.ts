/** What a person wants of a service: the words of a form, a YAML file or a Compose file, checked. */
import { z } from 'zod';
import { routeKey } from './route-key.ts';
import { serviceNameSchema, volumeNameSchema, secretNameSchema } from './service-ids.ts';

const msMax = 86_400_000;
const durationMs = z.number().int().nonnegative().max(msMax);
const portNumber = z.number().int().min(1).max(65_535);
const absolutePath = z.string().max(4_096).regex(/^\//, 'an absolute path');

/** Where the image comes from. A build's context is a folder of the repository, relative to its root. */
export const imageSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('image'), reference: z.string().min(1).max(500) }),
  z.strictObject({
    kind: z.literal('build'),
    context: z.string().max(500).default('.'),
    dockerfile: z.string().max(500).default('Dockerfile'),
    target: z.string().max(200).nullable().default(null),
    args: z.record(z.string(), z.string()).default({}),
  }),
]);
export type ImageSource = z.infer<typeof imageSourceSchema>;

/** `replicas` of it somewhere, or one on every node that fits. */
export const serviceModeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('replicated'), replicas: z.number().int().min(0).max(1_000) }),
  z.strictObject({ kind: z.literal('global') }),
]);
export type ServiceMode = z.infer<typeof serviceModeSchema>;

/** A port that the service answers on, for others by its name and, if published, on the host. */
export const servicePortSchema = z.strictObject({
  containerPort: portNumber,
  /** `http` is balanced by request, `tcp` by connection. */
  protocol: z.enum(['http', 'tcp']).default('http'),
  /** Where the host listens; a null port takes a free one and keeps it. Null: not published. */
  publish: z
    .strictObject({ address: z.string().max(100).default('127.0.0.1'), port: portNumber.nullable().default(null) })
    .nullable()
    .default(null),
});
export type ServicePort = z.infer<typeof servicePortSchema>;

/** A host name and path of the project's ingress that lead to this service. */
export const serviceRouteSchema = z.strictObject({
  /** Null for any host. */
  host: z
    .string()
    .max(253)
    .regex(/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a host name in lower case')
    .nullable()
    .default(null),
  path: z.string().max(500).regex(/^\//, 'a path that begins with /').default('/'),
  /** One of the service's `http` ports. */
  containerPort: portNumber,
  /** The secret that holds certificate chain and key as PEM; null for plain HTTP. */
  certificate: secretNameSchema.nullable().default(null),
});
export type ServiceRoute = z.infer<typeof serviceRouteSchema>;

/** How it is known that a replica works. */
export const healthProbeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('http'), port: portNumber, path: z.string().max(500).regex(/^\//).default('/') }),
  z.strictObject({ kind: z.literal('tcp'), port: portNumber }),
  /** Run inside the container; exit code 0 is healthy. */
  z.strictObject({ kind: z.literal('exec'), command: z.array(z.string().max(4_000)).min(1).max(100) }),
]);
export const healthCheckSchema = z.strictObject({
  probe: healthProbeSchema,
  intervalMs: durationMs.min(100).default(2_000),
  timeoutMs: durationMs.min(50).default(2_000),
  /** Failures in a row that make a healthy replica unhealthy. */
  retries: z.number().int().min(1).max(100).default(3),
  /** Failures this soon after the start do not count. */
  startPeriodMs: durationMs.default(0),
});
export type HealthCheck = z.infer<typeof healthCheckSchema>;

/** What becomes of a replica that ended. */
export const restartPolicySchema = z.strictObject({
  condition: z.enum(['any', 'on-failure', 'none']).default('any'),
  /** The first wait; it doubles with each failure in a row, up to `delayMsMax`. */
  delayMs: durationMs.default(500),
  delayMsMax: durationMs.default(30_000),
  /** Failures within `windowMs` after which it is left alone; null for never. */
  attemptsMax: z.number().int().min(1).max(1_000).nullable().default(null),
  windowMs: durationMs.default(120_000),
});
export type RestartPolicy = z.infer<typeof restartPolicySchema>;

/** `node.id`, `node.name`, `node.architecture` or `node.labels.<key>`, compared with a value. */
export const constraintSchema = z.strictObject({
  attribute: z.string().regex(/^node\.(id|name|architecture|labels\.[A-Za-z0-9._-]{1,80})$/),
  operator: z.enum(['==', '!=']),
  value: z.string().max(200),
});
export type PlacementConstraint = z.infer<typeof constraintSchema>;

/** Something of the host or the engine that the container sees as a folder. */
export const serviceMountSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('volume'),
    volume: volumeNameSchema,
    target: absolutePath,
    readOnly: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('bind'),
    source: absolutePath,
    target: absolutePath,
    readOnly: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('tmpfs'),
    target: absolutePath,
    sizeBytes: z.number().int().positive().nullable().default(null),
  }),
]);
export type ServiceMount = z.infer<typeof serviceMountSchema>;

/** A secret given as a file `/run/secrets/<file>` on tmpfs. */
export const secretUseSchema = z.strictObject({
  secret: secretNameSchema,
  /** Default: the secret's name. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/)
    .nullable()
    .default(null),
});

/** A config given as a file. */
export const configUseSchema = z.strictObject({ config: secretNameSchema, target: absolutePath });

/** One step of a canary: this much traffic for this long. */
export const canaryStepSchema = z.strictObject({
  weightPercent: z.number().int().min(1).max(99),
  /** How long the limits must hold; null waits for a person to promote. */
  holdMs: durationMs.nullable(),
});

/** How a revision takes the place of another one. */
export const updatePolicySchema = z
  .strictObject({
    strategy: z.enum(['rolling', 'blue-green', 'canary']).default('rolling'),
    /** Replicas replaced at once; 0 for all. */
    parallelism: z.number().int().min(0).max(1_000).default(1),
    delayMs: durationMs.default(0),
    /** `stop-first` where two of it cannot run at once: a published host port of its own, a volume it locks. */
    order: z.enum(['start-first', 'stop-first']).default('start-first'),
    /** A new replica that fails this soon after it became healthy counts against the rollout. */
    monitorMs: durationMs.default(5_000),
    failureRatioMax: z.number().min(0).max(1).default(0),
    /** Within this time a new replica is healthy, or has failed. */
    healthDeadlineMs: durationMs.min(1).default(300_000),
    /** Without any progress for this long the rollout has failed. */
    progressDeadlineMs: durationMs.min(1).default(600_000),
    onFailure: z.enum(['rollback', 'pause']).default('rollback'),
    canarySteps: z
      .array(canaryStepSchema)
      .max(20)
      .default([
        { weightPercent: 10, holdMs: 60_000 },
        { weightPercent: 50, holdMs: 60_000 },
      ]),
    /** Breaking one of these while a canary takes traffic is a failure. Null: not judged. */
    limits: z
      .strictObject({
        errorPercentMax: z.number().min(0).max(100).nullable().default(1),
        p99MsMax: z.number().positive().nullable().default(null),
        restartsMax: z.number().int().nonnegative().nullable().default(0),
      })
      .prefault({}),
    /** How long requests under way may take once their replica gets no new ones. */
    drainMs: durationMs.default(30_000),
    /** How long a blue-green or canary rollout keeps the old replicas running, for a switch back. */
    keepPreviousMs: durationMs.default(300_000),
  })
  .refine((policy) => policy.healthDeadlineMs <= policy.progressDeadlineMs, {
    message: 'healthDeadlineMs is at most progressDeadlineMs',
    path: ['progressDeadlineMs'],
  });
export type UpdatePolicy = z.infer<typeof updatePolicySchema>;

/** The whole spec. A revision is one of these with the digest of its image. */
export const serviceSpecSchema = z
  .strictObject({
    name: serviceNameSchema,
    image: imageSourceSchema,
    mode: serviceModeSchema.default({ kind: 'replicated', replicas: 1 }),
    entrypoint: z.array(z.string()).max(200).nullable().default(null),
    command: z.array(z.string()).max(1_000).nullable().default(null),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(100_000)).default({}),
    workingDirectory: absolutePath.nullable().default(null),
    user: z.string().max(100).nullable().default(null),
    ports: z.array(servicePortSchema).max(50).default([]),
    routes: z.array(serviceRouteSchema).max(50).default([]),
    limits: z
      .strictObject({
        cpus: z.number().positive().max(1_024).nullable().default(null),
        memoryBytes: z.number().int().min(6_291_456).nullable().default(null),
        pids: z.number().int().positive().nullable().default(null),
      })
      .prefault({}),
    restart: restartPolicySchema.prefault({}),
    health: healthCheckSchema.nullable().default(null),
    constraints: z.array(constraintSchema).max(50).default([]),
    mounts: z.array(serviceMountSchema).max(50).default([]),
    secrets: z.array(secretUseSchema).max(50).default([]),
    configs: z.array(configUseSchema).max(50).default([]),
    stopSignal: z
      .string()
      .regex(/^SIG[A-Z0-9+]+$/)
      .nullable()
      .default(null),
    /** Between the stop signal and the kill. */
    stopGraceMs: durationMs.default(10_000),
    /** Started only once these serve. */
    dependsOn: z.array(serviceNameSchema).max(50).default([]),
    update: updatePolicySchema.prefault({}),
    /** How a rollback to an older revision goes; its own block, as a way back is in a hurry. */
    rollback: updatePolicySchema.prefault({}),
    /** Free labels for the containers; Gantry's own cannot be set. */
    labels: z.record(z.string().max(200), z.string().max(2_000)).default({}),
  })
  .superRefine((spec, context) => {
    const problem = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const ports = new Map(spec.ports.map((port) => [port.containerPort, port]));
    if (ports.size !== spec.ports.length) problem(['ports'], 'names a port twice');
    spec.routes.forEach((route, index) => {
      if (ports.get(route.containerPort)?.protocol !== 'http') {
        problem(['routes', index, 'containerPort'], 'is not one of the service’s http ports');
      }
      if (spec.routes.slice(0, index).some((other) => routeKey(other) === routeKey(route))) {
        problem(['routes', index], 'is there twice: the same host and path');
      }
    });
    const { health } = spec;
    if (health !== null && health.probe.kind !== 'exec' && !ports.has(health.probe.port)) {
      problem(
        ['health', 'probe', 'port'],
        'is not one of the service’s ports: name it there too (it need not be published), or check with a command (exec)',
      );
    }
    if (spec.dependsOn.includes(spec.name)) problem(['dependsOn'], 'names the service itself');
    for (const key of Object.keys(spec.labels)) {
      if (key.startsWith('gantry.')) problem(['labels', key], 'begins with gantry., which is Gantry’s own');
    }
  });
export type ServiceSpec = z.infer<typeof serviceSpecSchema>;
/** A spec as it is written, before defaults. */
export type ServiceSpecInput = z.input<typeof serviceSpecSchema>;
