/** The short forms of ports, mounts, constraints, secrets and configs, as one text each. */
import type { PlacementConstraint, ServiceMount, ServicePort, ServiceSpec } from '#shared/model/service-spec.ts';
import type { YamlValue } from './yaml-source.ts';
import { block, field, number, type Plain, text, type Word, wrong } from './word.ts';

type SecretUse = ServiceSpec['secrets'][number];
type ConfigUse = ServiceSpec['configs'][number];
type Publication = NonNullable<ServicePort['publish']>;

/** A word that cannot say everything. */
interface PartialWord<Value> extends Word<Value> {
  canWrite(value: Value): boolean;
}

/** Either a text (or number) in the short form, or a mapping in the long one. */
export function shortOrLong<Value, Short>(
  short: Word<Short>,
  long: Word<Value>,
  way: { read: (read: unknown) => unknown; write: (value: Value) => Short | undefined },
): Word<Value> {
  return {
    expected: `${short.expected}, or ${long.expected}`,
    read: (value: YamlValue) => {
      if (value.kind === 'map') return long.read(value);
      const read = short.read(value);
      return read === undefined ? undefined : way.read(read);
    },
    write: (value) => {
      const said = way.write(value);
      return said === undefined ? long.write(value) : short.write(said);
    },
  };
}

/** A word that one text says. */
function phrase<Value>(
  expected: string,
  parse: (text: string) => unknown,
  write: (value: Value) => Plain,
  canWrite: (value: Value) => boolean = () => true,
): PartialWord<Value> {
  return {
    expected,
    read: (value) => (value.text === null ? undefined : parse(value.text)) ?? wrong(value, expected),
    write,
    canWrite,
  };
}

const loopback = '127.0.0.1';

/** `8080`, `20080:8080`, `0.0.0.0:20080:8080`, each also with `/tcp`. */
export const portText = phrase<ServicePort>(
  'a port such as "8080", "20080:8080", "0.0.0.0:20080:8080" or "5432/tcp"',
  (written) => {
    const match = /^(?:(?:(\[[0-9a-fA-F:]+\]|[^:/]+):)?(\d+):)?(\d+)(?:\/(http|tcp))?$/.exec(written);
    if (match === null) return undefined;
    const [, address, published, containerPort, protocol] = match;
    return {
      containerPort: Number(containerPort),
      protocol: protocol ?? 'http',
      publish:
        published === undefined
          ? null
          : { address: address?.replace(/^\[|\]$/g, '') ?? loopback, port: Number(published) },
    };
  },
  ({ containerPort, protocol, publish }) => {
    const address = publish === null || publish.address === loopback ? '' : `${bracketed(publish.address)}:`;
    const published = publish === null ? '' : `${address}${publish.port}:`;
    return `${published}${containerPort}${protocol === 'http' ? '' : `/${protocol}`}`;
  },
  ({ publish }) =>
    publish === null || (publish.port !== null && /^[A-Za-z0-9.-]+$|^[0-9a-fA-F:]+$/.test(publish.address)),
);

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Where the host listens: `true` for any free port of this machine, a port, or address and port. */
export const publication: Word<Publication> = {
  expected: 'true, a port, or a mapping with address, port',
  read: (value) => {
    if (value.kind === 'map') return publicationBlock.read(value);
    if (value.scalar === true) return {};
    if (value.scalar === false) return null;
    return typeof value.scalar === 'number' ? { port: value.scalar } : wrong(value, publication.expected);
  },
  write: (value) => {
    if (value.address !== loopback) return publicationBlock.write(value);
    return value.port ?? true;
  },
};
const publicationBlock = block<Publication>(
  'Publishing',
  [field('address', 'address', text), field('port', 'port', number)],
  { defaults: { address: loopback, port: null } },
);

/** `data:/var/lib/x`, `/host/folder:/target:ro`. */
export const mountText = phrase<ServiceMount>(
  'a mount such as "data:/var/lib/data", "/srv/site:/site:ro", or a mapping',
  (written) => {
    const match = /^([^:]+):(\/[^:]*)(?::(ro|rw))?$/.exec(written);
    if (match === null) return undefined;
    const [, source = '', target, mode] = match;
    if (/^[.~]/.test(source)) return undefined;
    const isBind = source.startsWith('/');
    return {
      ...(isBind ? { kind: 'bind', source } : { kind: 'volume', volume: source }),
      target,
      readOnly: mode === 'ro',
    };
  },
  (mount) => {
    if (mount.kind === 'tmpfs') return null;
    const source = mount.kind === 'volume' ? mount.volume : mount.source;
    return `${source}:${mount.target}${mount.readOnly ? ':ro' : ''}`;
  },
  (mount) =>
    mount.kind !== 'tmpfs' && !mount.target.includes(':') && (mount.kind === 'volume' || !mount.source.includes(':')),
);

/** `node.labels.zone == eu`. */
export const constraint = phrase<PlacementConstraint>(
  'a comparison such as "node.labels.zone == eu"',
  (written) => {
    const match = /^\s*(\S+?)\s*(==|!=)\s?(.*)$/s.exec(written);
    return match === null ? undefined : { attribute: match[1], operator: match[2], value: match[3] };
  },
  ({ attribute, operator, value }) => `${attribute} ${operator} ${value}`,
);

/** `db-password`, or `db-password:file`. */
const secretText = phrase<SecretUse>(
  'the name of a secret, or "secret:file"',
  (written) => {
    const match = /^([^:]+)(?::([^:]+))?$/.exec(written);
    return match === null ? undefined : { secret: match[1], file: match[2] ?? null };
  },
  ({ secret, file }) => (file === null ? secret : `${secret}:${file}`),
);
export const secretUse = shortOrLong(
  secretText,
  block<SecretUse>(
    'The use of a secret',
    [field('secret', 'secret', text as Word<SecretUse['secret']>), field('file', 'file', text)],
    { defaults: { file: null } },
  ),
  { read: (read) => read, write: (value) => value },
);

/** `site-config:/etc/site.conf`. */
const configText = phrase<ConfigUse>(
  'a config and where its file stands, such as "site:/etc/site.conf"',
  (written) => {
    const match = /^([^:]+):(\/.*)$/s.exec(written);
    return match === null ? undefined : { config: match[1], target: match[2] };
  },
  ({ config, target }) => `${config}:${target}`,
);
export const configUse = shortOrLong(
  configText,
  block<ConfigUse>(
    'The use of a config',
    [field('config', 'config', text as Word<ConfigUse['config']>), field('target', 'target', text)],
    { defaults: {} },
  ),
  { read: (read) => read, write: (value) => value },
);
