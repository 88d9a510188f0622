/** Images as Docker's API tells them, and as facts. */
import { z } from 'zod';
import { type ImageDigest, imageDigestSchema } from '#shared/model/service-ids.ts';
import type { ImageFacts } from '../ports/engine.ts';
import { instantMs, labelsSchema, orNull } from './engine-answer.ts';

/** What is read of `GET /images/{name}/json`. */
export const imageInspectionSchema = z.object({
  Id: imageDigestSchema,
  RepoTags: orNull(z.array(z.string())),
  RepoDigests: orNull(z.array(z.string())),
  Size: z.number().default(0),
  Created: z.string().default(''),
  Architecture: z.string().default(''),
  Os: z.string().default(''),
  Config: orNull(z.object({ Labels: labelsSchema, ExposedPorts: orNull(z.record(z.string(), z.unknown())) })),
});

/** What is read of `GET /images/json`, which knows neither architecture nor ports. */
export const imageListSchema = z.array(
  z.object({
    Id: imageDigestSchema,
    RepoTags: orNull(z.array(z.string())),
    RepoDigests: orNull(z.array(z.string())),
    Size: z.number(),
    Containers: z.number().default(-1),
  }),
);

/** The facts of an inspected image. */
export function imageFacts(image: z.infer<typeof imageInspectionSchema>): ImageFacts {
  return {
    digest: image.Id as ImageDigest,
    tags: named(image.RepoTags),
    repoDigests: named(image.RepoDigests),
    sizeBytes: image.Size,
    createdAtMs: instantMs(image.Created) ?? 0,
    architecture: image.Architecture,
    os: image.Os,
    labels: image.Config?.Labels ?? {},
    exposedPorts: Object.keys(image.Config?.ExposedPorts ?? {})
      .filter((port) => port.endsWith('/tcp'))
      .map((port) => Number.parseInt(port, 10)),
  };
}

/** Engines list images without a name as `<none>:<none>`. */
export function named(names: readonly string[] | null): string[] {
  return (names ?? []).filter((name) => !name.startsWith('<none>'));
}

/** Whether an image is made for an engine. Without emulation nothing else runs; what does not say fits. */
export function fitsEngine(
  image: { readonly architecture: string; readonly os: string },
  engine: { readonly architecture: string; readonly os: string },
): boolean {
  const fits = (of: string, on: string): boolean => of === '' || of === on;
  return fits(image.architecture, engine.architecture) && fits(image.os, engine.os);
}
