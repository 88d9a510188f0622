/** The part of the contract about services: as `contract.ts`, of which it is a part. */
import { z } from 'zod';
import { laneIdSchema, projectIdSchema } from '../model/ids.ts';
import { rolloutSchema } from '../model/service.ts';
import {
  hostIdSchema,
  imageDigestSchema,
  mainStack,
  rolloutIdSchema,
  secretNameSchema,
  serviceIdSchema,
  serviceNameSchema,
  stackNameSchema,
  volumeNameSchema,
} from '../model/service-ids.ts';
import { serviceHostSchema } from '../model/service-resource.ts';
import { serviceSpecSchema } from '../model/service-spec.ts';
import { call, logStream, stateStream } from './define.ts';
import {
  configViewSchema,
  containerHistorySchema,
  deployPlanSchema,
  imageProgressSchema,
  imageViewSchema,
  loadTestSchema,
  previewViewSchema,
  prunePlanSchema,
  revisionViewSchema,
  rolloutViewSchema,
  secretViewSchema,
  serviceEventSchema,
  serviceHostViewSchema,
  serviceViewSchema,
  volumeViewSchema,
} from './service-views.ts';

const nothing = z.object({});
const inProject = z.object({ projectId: projectIdSchema });
const ofService = z.object({ serviceId: serviceIdSchema });
const ofRollout = z.object({ rolloutId: rolloutIdSchema });
const ofLane = z.object({ laneId: laneIdSchema });
const text = z.string().max(1_000_000);
/** A file of resources as `gantry apply` takes it, or a Compose file. */
const ofFile = inProject.extend({
  stack: stackNameSchema.default(mainStack),
  format: z.enum(['gantry', 'compose']),
  fileName: z.string().max(500),
  text,
  /** Values for `${NAME}` in a Compose file. */
  env: z.record(z.string(), z.string()).default({}),
});

export const serviceContract = {
  // ── services ──
  'service.watch': stateStream({ input: inProject, value: serviceViewSchema }),
  'service.watchRevisions': stateStream({ input: ofService, value: revisionViewSchema }),
  'service.watchRollouts': stateStream({ input: ofService, value: rolloutViewSchema }),
  'service.watchEvents': stateStream({ input: inProject, value: serviceEventSchema }),
  /** Sampled only while somebody watches. */
  'service.watchStats': stateStream({ input: ofService, value: containerHistorySchema }),
  'service.watchProgress': stateStream({ input: inProject, value: imageProgressSchema }),
  /** What deploying this spec would change, and what stands against it. Changes nothing. */
  'service.plan': call({
    input: inProject.extend({ stack: stackNameSchema.default(mainStack), spec: serviceSpecSchema }),
    output: deployPlanSchema,
  }),
  /** Makes the next revision and rolls it out. Refused with `preflight-failed` before anything is touched. */
  'service.deploy': call({
    input: inProject.extend({
      stack: stackNameSchema.default(mainStack),
      spec: serviceSpecSchema,
      /** The newest revision's number as the person saw it; refused when there is a newer one. */
      expectedRevisions: z.number().int().nonnegative().nullable().default(null),
    }),
    output: z.object({ serviceId: serviceIdSchema, revision: z.number(), unchanged: z.boolean() }),
  }),
  'service.scale': call({
    input: ofService.extend({ replicas: z.number().int().min(0).max(1_000) }),
    output: z.object({ revision: z.number() }),
  }),
  /** Replaces every replica under the same revision's update policy. */
  'service.restart': call({ input: ofService, output: nothing }),
  'service.rollBack': call({
    input: ofService.extend({ toRevision: z.number().int().positive() }),
    output: rolloutSchema,
  }),
  'service.remove': call({ input: ofService, output: nothing }),
  /** The spec of a revision as YAML that `apply` takes. */
  'service.export': call({
    input: inProject.extend({ stack: stackNameSchema.default(mainStack), format: z.enum(['gantry', 'compose']) }),
    output: z.object({ text: z.string(), notes: z.array(z.string()) }),
  }),
  'service.logs': logStream({
    input: ofService.extend({
      /** Null for all replicas, merged by time. */
      containerId: z.string().nullable(),
      tailLines: z.number().int().min(0).max(100_000).default(1_000),
      /** Only lines after this time. */
      sinceMs: z.number().nullable().default(null),
      /** Only lines after one that was read: its `timestamp`. */
      after: z.string().max(40).nullable().default(null),
      follow: z.boolean().default(true),
      /** Only lines that contain this, without regard to case. */
      search: z.string().max(500).default(''),
    }),
    item: z.object({
      containerId: z.string(),
      replica: z.string(),
      stream: z.enum(['stdout', 'stderr']),
      atMs: z.number(),
      /** The engine's own, exact to the nanosecond. */
      timestamp: z.string(),
      text: z.string(),
    }),
  }),

  // ── a command in a replica ──
  'exec.open': call({
    input: ofService.extend({
      containerId: z.string(),
      /** Null for the best shell that the image has. */
      command: z.array(z.string().max(10_000)).min(1).max(200).nullable(),
      columns: z.number().int().min(2).max(1_000),
      rows: z.number().int().min(2).max(1_000),
      /** False gives pipes: output comes as the command writes it, without a terminal's line ends and colours. */
      isTerminal: z.boolean().default(true),
    }),
    output: z.object({ execId: z.string(), command: z.array(z.string()) }),
  }),
  /** Output as base64, then one item with the exit code. Ends the command when its reader goes away. */
  'exec.output': logStream({
    input: z.object({ execId: z.string() }),
    item: z.union([z.object({ bytes: z.string() }), z.object({ exitCode: z.number().nullable() })]),
  }),
  'exec.input': call({ input: z.object({ execId: z.string(), bytes: z.string().max(200_000) }), output: nothing }),
  'exec.resize': call({
    input: z.object({
      execId: z.string(),
      columns: z.number().int().min(2).max(1_000),
      rows: z.number().int().min(2).max(1_000),
    }),
    output: nothing,
  }),
  'exec.close': call({ input: z.object({ execId: z.string() }), output: nothing }),

  // ── rollouts ──
  'rollout.pause': call({ input: ofRollout, output: nothing }),
  'rollout.resume': call({ input: ofRollout, output: nothing }),
  'rollout.promote': call({ input: ofRollout, output: nothing }),
  /** Ends it and goes back to what served before. */
  'rollout.abort': call({ input: ofRollout, output: nothing }),

  // ── load ──
  'load.watch': stateStream({ input: inProject, value: loadTestSchema }),
  'load.start': call({
    input: ofService.extend({
      requestsPerSecond: z.number().int().min(1).max(5_000).default(200),
      forMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
      path: z.string().max(500).regex(/^\//).default('/'),
    }),
    output: loadTestSchema,
  }),
  'load.stop': call({ input: z.object({ loadId: z.string() }), output: nothing }),

  // ── several things from one file ──
  'stack.plan': call({ input: ofFile, output: deployPlanSchema }),
  /** Refused with `outdated-plan` when anything has changed since the plan with this fingerprint. */
  'stack.apply': call({
    input: ofFile.extend({ fingerprint: z.string().nullable().default(null) }),
    output: z.object({
      plan: deployPlanSchema,
      deployed: z.array(z.object({ serviceId: serviceIdSchema, revision: z.number(), unchanged: z.boolean() })),
    }),
  }),

  /** What a file says of services: for an editor that shows the same as text and as a form. Looks at nothing else. */
  'stack.read': call({
    input: ofFile.omit({ projectId: true, stack: true }),
    output: z.object({ services: z.array(serviceSpecSchema) }),
  }),
  /** The file in Gantry's own format that `stack.read` reads back as the same. */
  'stack.write': call({
    input: z.object({ services: z.array(serviceSpecSchema).min(1).max(1_000) }),
    output: z.object({ text: z.string() }),
  }),

  // ── secrets, configs, volumes ──
  'secret.watch': stateStream({ input: inProject, value: secretViewSchema }),
  /** The value comes in over the contract and is sealed at once; it is never logged and never given back. */
  'secret.put': call({
    input: inProject.extend({
      name: secretNameSchema,
      value: z.string().max(1_000_000),
      isBase64: z.boolean().default(false),
    }),
    output: z.object({ version: z.number() }),
  }),
  'secret.remove': call({ input: inProject.extend({ name: secretNameSchema }), output: nothing }),
  /** Rolls every service that uses an older version of it to the newest. */
  'secret.rollOut': call({
    input: inProject.extend({ name: secretNameSchema }),
    output: z.object({ services: z.array(serviceIdSchema) }),
  }),
  /** The master key that secrets are sealed with, and where it is kept. */
  'secret.key': call({ input: nothing, output: z.object({ keyId: z.string(), keptIn: z.string() }) }),
  /** Makes a new master key and seals every data key anew with it. */
  'secret.rotateKey': call({ input: nothing, output: z.object({ keyId: z.string(), secrets: z.number() }) }),
  'config.watch': stateStream({ input: inProject, value: configViewSchema }),
  'config.put': call({
    input: inProject.extend({ name: secretNameSchema, text }),
    output: z.object({ version: z.number() }),
  }),
  'config.remove': call({ input: inProject.extend({ name: secretNameSchema }), output: nothing }),
  'volume.watch': stateStream({ input: inProject, value: volumeViewSchema }),
  /** Its data is gone afterwards; refused while a service mounts it. A backup is made first unless `withoutBackup`. */
  'volume.remove': call({
    input: inProject.extend({
      stack: stackNameSchema,
      name: volumeNameSchema,
      withoutBackup: z.boolean().default(false),
    }),
    output: nothing,
  }),
  'volume.backUp': call({
    input: inProject.extend({ stack: stackNameSchema, name: volumeNameSchema }),
    output: z.object({ id: z.string(), sizeBytes: z.number() }),
  }),
  /** Puts a backup's content back. Refused while a replica that mounts it runs. */
  'volume.restore': call({
    input: inProject.extend({ stack: stackNameSchema, name: volumeNameSchema, backupId: z.string() }),
    output: nothing,
  }),

  // ── engines and images ──
  'engine.watch': stateStream({ input: nothing, value: serviceHostViewSchema }),
  'engine.put': call({ input: serviceHostSchema, output: nothing }),
  /** Refused while services have anything there, unless that is given up: it goes on, and nobody looks after it. */
  'engine.remove': call({
    input: z.object({ hostId: hostIdSchema, givingUp: z.boolean().default(false) }),
    output: nothing,
  }),
  'engine.drain': call({ input: z.object({ hostId: hostIdSchema, drain: z.boolean() }), output: nothing }),
  'image.list': call({ input: nothing, output: z.object({ images: z.array(imageViewSchema) }) }),
  'image.remove': call({ input: z.object({ hostId: hostIdSchema, digest: imageDigestSchema }), output: nothing }),
  'image.prunePlan': call({ input: nothing, output: prunePlanSchema }),
  'image.prune': call({
    input: z.object({ fingerprint: z.string(), withVolumes: z.boolean().default(false) }),
    output: z.object({ freedBytes: z.number() }),
  }),

  // ── previews ──
  'preview.watch': stateStream({ input: inProject, value: previewViewSchema }),
  /** Builds and runs the lane's branch as a stack of its own. */
  'preview.start': call({ input: ofLane, output: nothing }),
  'preview.stop': call({ input: ofLane, output: nothing }),
  /** Rolls the images that the preview runs out to the main stack. */
  'preview.promote': call({
    input: ofLane.extend({ services: z.array(serviceNameSchema).min(1).nullable().default(null) }),
    output: z.object({ serviceIds: z.array(serviceIdSchema) }),
  }),
} as const;
