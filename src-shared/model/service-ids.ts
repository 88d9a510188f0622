/** Branded identifiers of services and what belongs to them. */
import { z } from 'zod';
import type { ProjectId } from './ids.ts';

/** A service's name within its stack: a DNS label, since others reach it by this name. */
export const serviceNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 40')
  .brand<'ServiceName'>();
export type ServiceName = z.infer<typeof serviceNameSchema>;

/** What is deployed together: `main`, or `lane-12` for the preview of lane 12. */
export const stackNameSchema = z
  .string()
  .regex(/^(main|lane-[1-9][0-9]{0,8})$/)
  .brand<'StackName'>();
export type StackName = z.infer<typeof stackNameSchema>;

/** The stack that merged code is shipped to. */
export const mainStack = 'main' as StackName;

/** A service over all projects: `<project>/<stack>/<name>`. */
export const serviceIdSchema = z
  .string()
  .regex(/^[^/]+\/[^/]+\/[^/]+$/)
  .brand<'ServiceId'>();
export type ServiceId = z.infer<typeof serviceIdSchema>;

/** The id of the service that `name` names in a stack. */
export function serviceIdOf(projectId: ProjectId, stack: StackName, name: ServiceName): ServiceId {
  return `${projectId}/${stack}/${name}` as ServiceId;
}

/** One replacement of a revision by another. */
export const rolloutIdSchema = z
  .string()
  .regex(/^rollout-[a-z0-9]{8,32}$/)
  .brand<'RolloutId'>();
export type RolloutId = z.infer<typeof rolloutIdSchema>;

/** A secret's or config's name within its project. */
export const secretNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63')
  .brand<'SecretName'>();
export type SecretName = z.infer<typeof secretNameSchema>;

/** A volume's name within its project. */
export const volumeNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'lower-case letters, digits, dot, dash and underscore, at most 63')
  .brand<'VolumeName'>();
export type VolumeName = z.infer<typeof volumeNameSchema>;

/** A machine with a container engine. The engine of this machine is `local`. */
export const hostIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,40}$/)
  .brand<'HostId'>();
export type HostId = z.infer<typeof hostIdSchema>;

/** The engine of this machine. */
export const localHost = 'local' as HostId;

/** An image's content address, `sha256:…`: the image id, which is the same wherever it is. */
export const imageDigestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .brand<'ImageDigest'>();
export type ImageDigest = z.infer<typeof imageDigestSchema>;
