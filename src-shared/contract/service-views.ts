/** What the screens and the command line are shown of services: derived from stored facts and observed ones. */
import { z } from 'zod';
import { projectIdSchema, taskKeySchema } from '../model/ids.ts';
import { rolloutSchema, revisionSchema, deployOriginSchema } from '../model/service.ts';
import {
  hostIdSchema,
  imageDigestSchema,
  secretNameSchema,
  serviceIdSchema,
  serviceNameSchema,
  stackNameSchema,
  volumeNameSchema,
} from '../model/service-ids.ts';
import { previewSchema } from '../model/service-resource.ts';
import { servicePortSchema, serviceRouteSchema } from '../model/service-spec.ts';

/** The one word for how a service is. */
export const serviceStatusSchema = z.enum([
  'healthy', // all replicas that are wanted serve
  'rolling-out',
  'waiting', // a rollout that stands still and needs a person
  'degraded', // fewer serve than wanted; Gantry is at it
  'failed', // none serves, or the last rollout failed and nothing is under way
  'pending', // nothing can be placed: `pending` says why
  'stopped', // none is wanted
  'removing',
  'stale', // its engine does not answer: this is what was known at `observedAtMs`
]);
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** One replica, for the topology and the table. */
export const replicaViewSchema = z.object({
  containerId: z.string(),
  /** "api.4". */
  name: z.string(),
  containerName: z.string(),
  slot: z.number(),
  revision: z.number(),
  hostId: hostIdSchema,
  state: z.enum(['starting', 'healthy', 'unhealthy', 'draining', 'kept', 'ended', 'failed']),
  /** Why it is in this state, in a few words; empty when there is nothing to say. */
  detail: z.string(),
  isCanary: z.boolean(),
  /** Share of the service's traffic, 0–100; null without an edge. */
  trafficPercent: z.number().nullable(),
  requestsPerSecond: z.number().nullable(),
  p99Ms: z.number().nullable(),
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  restarts: z.number(),
  startedAtMs: z.number().nullable(),
  exitCode: z.number().nullable(),
});
export type ReplicaView = z.infer<typeof replicaViewSchema>;

/** One line of a rollout's course, done, under way or to come. */
export const rolloutStepSchema = z.object({
  key: z.string(),
  label: z.string(),
  /** Right-hand side: a duration, "3:12 of 5:00", "about 1 min". */
  aside: z.string(),
  state: z.enum(['done', 'active', 'paused', 'failed', 'waiting']),
  /** Why it waits, or why it failed. */
  detail: z.string().nullable(),
  limits: z.array(z.object({ name: z.string(), value: z.number().nullable(), max: z.number(), unit: z.string() })),
});
export type RolloutStep = z.infer<typeof rolloutStepSchema>;

/** A rollout with its course. */
export const rolloutViewSchema = z.object({
  rollout: rolloutSchema,
  steps: z.array(rolloutStepSchema),
  /** Share of the traffic on the new revision. */
  weightPercent: z.number(),
  healthy: z.number(),
  wanted: z.number(),
  waitsFor: z.string().nullable(),
  can: z.object({ promote: z.boolean(), pause: z.boolean(), resume: z.boolean(), abort: z.boolean() }),
});
export type RolloutView = z.infer<typeof rolloutViewSchema>;

/** Requests, as the edge counts them; null where there is no edge or it does not answer. */
export const trafficViewSchema = z.object({
  requestsPerSecond: z.number(),
  errorsPerSecond: z.number(),
  p99Ms: z.number().nullable(),
  active: z.number(),
  /** Requests that failed on the data path since `sinceMs`. */
  failed: z.number(),
  sinceMs: z.number(),
});

/** One service with all that its row, node and page head show. */
export const serviceViewSchema = z.object({
  id: serviceIdSchema,
  projectId: projectIdSchema,
  stack: stackNameSchema,
  name: serviceNameSchema,
  status: serviceStatusSchema,
  /** One sentence: "api takes 10 % of its traffic on revision 15." */
  sentence: z.string(),
  servingRevision: z.number().nullable(),
  /** The newest revision's number. */
  revisions: z.number(),
  image: z.object({ reference: z.string(), digest: imageDigestSchema.nullable() }),
  origin: deployOriginSchema.nullable(),
  taskKey: taskKeySchema.nullable(),
  commit: z.string().nullable(),
  wanted: z.number(),
  isGlobal: z.boolean(),
  replicas: z.array(replicaViewSchema),
  pending: z.array(
    z.object({ slot: z.number(), revision: z.number(), why: z.string(), retryAtMs: z.number().nullable() }),
  ),
  rollout: rolloutViewSchema.nullable(),
  /** The newest rollout that ended, for "rolled back by itself". */
  lastRollout: rolloutSchema.nullable(),
  ports: z.array(
    z.object({
      containerPort: z.number(),
      protocol: servicePortSchema.shape.protocol.unwrap(),
      /** Where the host answers; null when it is not published or not up yet. */
      address: z.string().nullable(),
      hostPort: z.number().nullable(),
    }),
  ),
  routes: z.array(serviceRouteSchema.extend({ url: z.string().nullable() })),
  dependsOn: z.array(serviceNameSchema),
  volumes: z.array(volumeNameSchema),
  secrets: z.array(secretNameSchema),
  traffic: trafficViewSchema.nullable(),
  cpuCores: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** Requests per second, p99, CPU and memory over the last minutes, oldest first; gaps are null. */
  history: z.object({
    requests: z.array(z.number().nullable()),
    p99Ms: z.array(z.number().nullable()),
    cpuCores: z.array(z.number().nullable()),
    memoryBytes: z.array(z.number().nullable()),
  }),
  observedAtMs: z.number(),
  can: z.object({ deploy: z.boolean(), rollBack: z.boolean(), remove: z.boolean(), scale: z.boolean() }),
});
export type ServiceView = z.infer<typeof serviceViewSchema>;

/** One difference between two specs, in the words of the revision list: "memory 256 → 384 MB". */
export const specChangeSchema = z.object({
  field: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  text: z.string(),
});
export type SpecChange = z.infer<typeof specChangeSchema>;

/** A revision in the list, against the one before it. */
export const revisionViewSchema = z.object({
  revision: revisionSchema,
  changes: z.array(specChangeSchema),
  state: z.enum(['serving', 'rolling-out', 'replaced', 'failed', 'rolled-back', 'candidate']),
  /** "serving 90 %", "rolled back by itself", "replaced". */
  word: z.string(),
  /** Its replicas still run: rolling back to it only switches traffic. */
  isKept: z.boolean(),
  canRollBack: z.boolean(),
});
export type RevisionView = z.infer<typeof revisionViewSchema>;

/** An engine with its machine. */
export const serviceHostViewSchema = z.object({
  id: hostIdSchema,
  name: z.string(),
  endpoint: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  availability: z.enum(['active', 'drain']),
  engine: z.discriminatedUnion('state', [
    z.object({ state: z.literal('connecting') }),
    z.object({
      state: z.literal('ready'),
      name: z.string(),
      version: z.string(),
      apiVersion: z.string(),
      architecture: z.string(),
      cpus: z.number(),
      memoryBytes: z.number(),
    }),
    z.object({ state: z.literal('missing'), advice: z.string() }),
    z.object({ state: z.literal('unreachable'), detail: z.string(), advice: z.string(), sinceMs: z.number() }),
    z.object({ state: z.literal('too-old'), version: z.string(), advice: z.string() }),
  ]),
  replicas: z.number(),
  containers: z.number(),
  cpuPercent: z.number().nullable(),
  diskFreeBytes: z.number().nullable(),
  observedAtMs: z.number().nullable(),
});
export type ServiceHostView = z.infer<typeof serviceHostViewSchema>;

/** What a preflight looked at. */
export const preflightFindingSchema = z.object({
  check: z.enum([
    'engine',
    'image',
    'architecture',
    'ports',
    'routes',
    'disk',
    'secrets',
    'configs',
    'volumes',
    'dependencies',
    'placement',
    'build',
  ]),
  verdict: z.enum(['passed', 'warned', 'failed']),
  detail: z.string(),
});
export type PreflightFinding = z.infer<typeof preflightFindingSchema>;

/** What a deploy, an `apply` or an import would do, thing by thing; nothing has been touched. */
export const deployPlanSchema = z.object({
  entries: z.array(
    z.object({
      kind: z.enum(['service', 'secret', 'config', 'volume', 'network']),
      name: z.string(),
      action: z.enum(['create', 'change', 'unchanged', 'blocked']),
      changes: z.array(specChangeSchema),
      /** How it will roll out: "rolling, one at a time, start first". Null for what is no service. */
      strategy: z.string().nullable(),
      findings: z.array(preflightFindingSchema),
    }),
  ),
  /** What the file says and Gantry does not do, by its place: "services.web.network_mode (line 12): …". */
  unsupported: z.array(z.string()),
  warnings: z.array(z.string()),
  /** Names the state that the plan was computed for. */
  fingerprint: z.string(),
});
export type DeployPlan = z.infer<typeof deployPlanSchema>;

/** Samples of one container for the charts of the service page, oldest first, one every two seconds. */
export const containerHistorySchema = z.object({
  containerId: z.string(),
  name: z.string(),
  samples: z.array(
    z.object({
      atMs: z.number(),
      cpuPercent: z.number().nullable(),
      memoryBytes: z.number().nullable(),
      receivedBytesPerSecond: z.number().nullable(),
      sentBytesPerSecond: z.number().nullable(),
    }),
  ),
});
export type ContainerHistory = z.infer<typeof containerHistorySchema>;

/** Something that happened to a service, for the list of events and the timeline. */
export const serviceEventSchema = z.object({
  id: z.string(),
  atMs: z.number(),
  serviceId: serviceIdSchema,
  kind: z.enum(['rollout', 'replica', 'health', 'edge', 'engine', 'image', 'volume', 'person']),
  severity: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  rolloutId: z.string().nullable(),
});
export type ServiceEvent = z.infer<typeof serviceEventSchema>;

/** "Prove it": a constant load on a service, with every failed request counted. */
export const loadTestSchema = z.object({
  id: z.string(),
  serviceId: serviceIdSchema,
  url: z.string(),
  state: z.enum(['running', 'ended']),
  requestsPerSecond: z.number(),
  startedAtMs: z.number(),
  /** When it is to end; once it has ended, when it did. */
  endsAtMs: z.number(),
  sent: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  /** By cause, at most ten. */
  failures: z.array(z.object({ cause: z.string(), count: z.number(), lastAtMs: z.number() })),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** Answers by the revision that gave them, where it says so. */
  connections: z.object({ kept: z.number(), fresh: z.number(), slow: z.number() }),
});
export type LoadTest = z.infer<typeof loadTestSchema>;

/** An image on a host, with what uses it. */
export const imageViewSchema = z.object({
  hostId: hostIdSchema,
  digest: imageDigestSchema,
  tags: z.array(z.string()),
  sizeBytes: z.number(),
  createdAtMs: z.number(),
  architecture: z.string(),
  usedBy: z.array(z.object({ service: z.string(), revisions: z.array(z.number()), containers: z.number() })),
  isGantrys: z.boolean(),
});
export type ImageView = z.infer<typeof imageViewSchema>;

/** What a prune would remove. Only what Gantry made and nothing uses or may need for a rollback. */
export const prunePlanSchema = z.object({
  images: z.array(
    z.object({ hostId: hostIdSchema, digest: z.string(), tags: z.array(z.string()), sizeBytes: z.number() }),
  ),
  containers: z.array(z.object({ hostId: hostIdSchema, id: z.string(), name: z.string(), why: z.string() })),
  volumes: z.array(
    z.object({ hostId: hostIdSchema, name: z.string(), sizeBytes: z.number().nullable(), why: z.string() }),
  ),
  sizeBytes: z.number(),
  fingerprint: z.string(),
});
export type PrunePlan = z.infer<typeof prunePlanSchema>;

/** A secret or config by name; a secret's value is never shown again. */
export const secretViewSchema = z.object({
  name: secretNameSchema,
  versions: z.array(
    z.object({ version: z.number(), sizeBytes: z.number(), createdAtMs: z.number(), keyId: z.string() }),
  ),
  usedBy: z.array(z.object({ service: serviceNameSchema, stack: stackNameSchema, version: z.number() })),
});
export type SecretView = z.infer<typeof secretViewSchema>;
export const configViewSchema = z.object({
  name: secretNameSchema,
  versions: z.array(z.object({ version: z.number(), sizeBytes: z.number(), createdAtMs: z.number() })),
  /** The newest version's. */
  text: z.string(),
  usedBy: z.array(z.object({ service: serviceNameSchema, stack: stackNameSchema, version: z.number() })),
});
export type ConfigView = z.infer<typeof configViewSchema>;

/** A volume with where it is and who has it. */
export const volumeViewSchema = z.object({
  name: volumeNameSchema,
  stack: stackNameSchema,
  driver: z.string(),
  hostId: hostIdSchema.nullable(),
  engineName: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  usedBy: z.array(serviceNameSchema),
  backups: z.array(z.object({ id: z.string(), atMs: z.number(), sizeBytes: z.number(), why: z.string() })),
});
export type VolumeView = z.infer<typeof volumeViewSchema>;

/** A preview with where it answers. */
export const previewViewSchema = z.object({
  preview: previewSchema,
  laneNumber: z.number(),
  title: z.string(),
  services: z.array(
    z.object({ id: serviceIdSchema, name: serviceNameSchema, status: serviceStatusSchema, url: z.string().nullable() }),
  ),
  /** The newest lines of what was built. */
  buildTail: z.string(),
});
export type PreviewView = z.infer<typeof previewViewSchema>;

/** A build or pull under way, keyed by service and revision. */
export const imageProgressSchema = z.object({
  serviceId: serviceIdSchema,
  revision: z.number(),
  hostId: hostIdSchema,
  phase: z.string(),
  line: z.string().nullable(),
  currentBytes: z.number().nullable(),
  totalBytes: z.number().nullable(),
  startedAtMs: z.number(),
});
export type ImageProgressView = z.infer<typeof imageProgressSchema>;
