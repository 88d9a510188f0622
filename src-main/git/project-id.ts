import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type ProjectId, projectIdSchema } from '#shared/model/ids.ts';
import { slugOf } from './lane-names.ts';

/** `parcel-3f2a9c`: the folder's name, and a hash of its path that tells folders of one name apart. */
export function projectIdOf(path: string): ProjectId {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 6);
  return projectIdSchema.parse(`${slugOf(basename(path))}-${hash}`);
}
