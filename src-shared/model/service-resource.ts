/** Secrets, configs, volumes and hosts: what services are given and where they run. */
import { z } from 'zod';
import { laneIdSchema, projectIdSchema } from './ids.ts';
import { hostIdSchema, secretNameSchema, stackNameSchema, volumeNameSchema } from './service-ids.ts';

/** A value under envelope encryption: the data key wraps the value, the master key wraps the data key. All base64. */
export const sealedValueSchema = z.object({
  /** Names the master key, so that rotation knows what is still under an old one. */
  keyId: z.string().max(100),
  wrappedKey: z.string().max(1_000),
  iv: z.string().max(100),
  tag: z.string().max(100),
  ciphertext: z.string().max(1_500_000),
});
export type SealedValue = z.infer<typeof sealedValueSchema>;

/** One version of a secret. Plain text never leaves the app's memory and the container's tmpfs. */
export const secretVersionSchema = z.object({
  version: z.number().int().positive(),
  sealed: sealedValueSchema,
  sizeBytes: z.number().int().nonnegative(),
  createdAtMs: z.number(),
});
export const secretSchema = z.object({
  projectId: projectIdSchema,
  name: secretNameSchema,
  /** Newest last; those that a kept revision uses are kept. */
  versions: z.array(secretVersionSchema).min(1),
});
export type Secret = z.infer<typeof secretSchema>;

/** A config is a secret without secrecy. */
export const configSchema = z.object({
  projectId: projectIdSchema,
  name: secretNameSchema,
  versions: z
    .array(z.object({ version: z.number().int().positive(), text: z.string().max(1_000_000), createdAtMs: z.number() }))
    .min(1),
});
export type Config = z.infer<typeof configSchema>;

/** A volume and where its data is. */
export const volumeSchema = z.object({
  projectId: projectIdSchema,
  /** Previews have volumes of their own. */
  stack: stackNameSchema,
  name: volumeNameSchema,
  driver: z.string().max(100),
  options: z.record(z.string(), z.string()),
  /** Null until it was made somewhere; a local volume is where its data is, for ever. */
  hostId: hostIdSchema.nullable(),
  createdAtMs: z.number(),
});
export type Volume = z.infer<typeof volumeSchema>;

/** A machine with a container engine, as a person set it up. */
export const serviceHostSchema = z.object({
  id: hostIdSchema,
  /** A Docker host (`unix:///…`, `tcp://…`, `npipe://…`); null for what the environment and the Docker context say. */
  endpoint: z.string().max(500).nullable(),
  labels: z.record(z.string(), z.string()),
  /** `drain`: everything of it moves elsewhere and nothing new comes. */
  availability: z.enum(['active', 'drain']),
});
export type ServiceHost = z.infer<typeof serviceHostSchema>;

/** A lane's branch, running as a stack of its own. */
export const previewSchema = z.object({
  stack: stackNameSchema,
  projectId: projectIdSchema,
  laneId: laneIdSchema,
  /** The file of the branch that it was read from. */
  fileName: z.string().max(500),
  state: z.enum(['building', 'running', 'failed', 'removing']),
  detail: z.string().nullable(),
  createdAtMs: z.number(),
});
export type Preview = z.infer<typeof previewSchema>;
