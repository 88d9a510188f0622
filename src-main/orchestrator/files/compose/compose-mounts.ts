/** `volumes:` and `tmpfs:` of a Compose service. */
import { posix } from 'node:path';
import { parseSize } from '#shared/base/quantities.ts';
import type { YamlValue } from '../yaml-source.ts';
import type { ComposeContext } from './compose-context.ts';

/** A mount, still to be checked by the spec's schema. */
type Mount = Record<string, unknown>;

/** Reads both keys. */
export function readMounts(
  context: ComposeContext,
  place: string,
  volumes: YamlValue | null,
  tmpfs: YamlValue | null,
): Mount[] {
  const mounts = (volumes?.items() ?? []).flatMap((item) =>
    item.kind === 'map' ? readLong(context, place, item) : readShort(context, place, item),
  );
  for (const { text } of tmpfs === null ? [] : context.list(tmpfs)) {
    const [target, options = ''] = text.split(':');
    const size = /(?:^|,)size=([^,]+)/.exec(options)?.[1];
    mounts.push({ kind: 'tmpfs', target, sizeBytes: size === undefined ? null : parseSize(size) });
  }
  return mounts;
}

function readShort(context: ComposeContext, place: string, item: YamlValue): Mount[] {
  const match = /^([^:]+):(\/[^:]*)(?::([a-zA-Z,]+))?$/.exec(item.text ?? '');
  if (match === null) {
    if (/^\/[^:]*$/.test(item.text ?? '')) {
      context.leaveOut(`${place}.volumes`, item, `Gantry has no unnamed volumes; give ${item.text} a name before it.`);
    } else item.report(`${item.describe()} stands here. Expected a volume such as "data:/var/lib/data".`);
    return [];
  }
  const [, source = '', target = '', modes = ''] = match;
  const readOnly = modes.split(',').includes('ro');
  return /^[./~]/.test(source)
    ? bind(context, place, item, source, target, readOnly)
    : [{ kind: 'volume', volume: source, target, readOnly }];
}

function readLong(context: ComposeContext, place: string, item: YamlValue): Mount[] {
  const kind = item.get('type')?.text ?? 'volume';
  const source = item.get('source')?.text ?? null;
  const target = item.get('target')?.text ?? null;
  const readOnly = item.get('read_only')?.text === 'true';
  if (target === null) {
    item.report('This volume has no "target". Expected the folder in the container.');
    return [];
  }
  for (const { key, keyAt } of item.entries()) {
    const isKnown = ['type', 'source', 'target', 'read_only', kind === 'tmpfs' ? 'tmpfs' : ''].includes(key);
    if (!isKnown) context.leaveOut(`${place}.volumes.${key}`, keyAt, 'Gantry has nothing like it.');
  }
  if (kind === 'tmpfs') {
    const size = item.get('tmpfs')?.get('size')?.text ?? null;
    return [{ kind: 'tmpfs', target, sizeBytes: size === null ? null : parseSize(size) }];
  }
  if (source === null || (kind !== 'volume' && kind !== 'bind')) {
    context.leaveOut(
      `${place}.volumes`,
      item,
      `Gantry mounts named volumes, folders and tmpfs, not ${kind} without a source.`,
    );
    return [];
  }
  return kind === 'bind'
    ? bind(context, place, item, source, target, readOnly)
    : [{ kind: 'volume', volume: source, target, readOnly }];
}

/** A folder of the host. A relative one is below the folder of the file, which `PWD` says. */
function bind(
  context: ComposeContext,
  place: string,
  at: YamlValue,
  source: string,
  target: string,
  readOnly: boolean,
): Mount[] {
  const folder = context.variable('PWD');
  if (source.startsWith('/')) return [{ kind: 'bind', source, target, readOnly }];
  if (folder === null || !folder.startsWith('/') || source.startsWith('~')) {
    context.leaveOut(
      `${place}.volumes`,
      at,
      `"${source}" is relative to a folder that is not known here; write the whole path.`,
    );
    return [];
  }
  return [{ kind: 'bind', source: posix.join(folder, source), target, readOnly }];
}
