/** `ports:` and `expose:` of a Compose service. */
import type { ServicePort } from '#shared/model/service-spec.ts';
import type { YamlValue } from '../yaml-source.ts';
import type { ComposeContext } from './compose-context.ts';

/** Ports that web servers listen on by convention: taken for HTTP where the file does not say. */
const webPorts = [80, 3_000, 4_000, 5_000, 5_173, 8_000, 8_008, 8_080, 8_081, 8_088, 8_888];
const everywhere = '0.0.0.0';

/** Reads both keys. A port that is only exposed is for other services. */
export function readPorts(
  context: ComposeContext,
  place: string,
  ports: YamlValue | null,
  exposed: YamlValue | null,
): ServicePort[] {
  const found = new Map<number, ServicePort>();
  const add = (port: ServicePort, at: YamlValue, guessed: boolean): void => {
    const before = found.get(port.containerPort);
    if (before !== undefined && before.publish !== null && port.publish !== null) {
      context.leaveOut(`${place}.ports`, at, `Gantry publishes port ${port.containerPort} once.`);
      return;
    }
    if (guessed && port.protocol === 'http') {
      context.warn(
        `${place}: port ${port.containerPort} is taken for HTTP, balanced by request. Say app_protocol: tcp if it is not.`,
      );
    }
    found.set(port.containerPort, before?.publish ? before : port);
  };
  for (const item of ports?.items() ?? []) {
    const read = item.kind === 'map' ? readLong(context, place, item) : readShort(context, place, item);
    if (read !== undefined) add(read.port, item, read.guessed);
  }
  for (const { text, at } of exposed === null ? [] : context.list(exposed)) {
    const match = /^(\d+)(?:\/tcp)?$/.exec(text);
    if (match === null) context.leaveOut(`${place}.expose`, at, `"${text}" is not a single TCP port.`);
    else if (!found.has(Number(match[1]))) {
      const containerPort = Number(match[1]);
      add({ containerPort, protocol: guess(containerPort), publish: null }, at, true);
    }
  }
  return [...found.values()];
}

function guess(containerPort: number): ServicePort['protocol'] {
  return webPorts.includes(containerPort) ? 'http' : 'tcp';
}

function readShort(context: ComposeContext, place: string, item: YamlValue) {
  const text = item.text ?? '';
  const match = /^(?:(?:(\[[0-9a-fA-F:]+\]|[0-9.]+):)?([0-9-]*):)?([0-9-]+)(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (match === null) return item.report(`${item.describe()} stands here. Expected a port such as "8080:80".`);
  const [, address, published, target = '', transport = 'tcp'] = match;
  if (transport !== 'tcp') {
    context.leaveOut(`${place}.ports`, item, `Gantry's edge carries TCP and HTTP, not ${transport} ("${text}").`);
    return undefined;
  }
  if (target.includes('-') || published?.includes('-')) {
    context.leaveOut(`${place}.ports`, item, `Gantry takes ports one by one, not as a range ("${text}").`);
    return undefined;
  }
  const containerPort = Number(target);
  const port: ServicePort = {
    containerPort,
    protocol: guess(containerPort),
    publish: {
      address: address?.replace(/^\[|\]$/g, '') ?? everywhere,
      port: published === undefined || published === '' ? null : Number(published),
    },
  };
  return { port, guessed: true };
}

function readLong(context: ComposeContext, place: string, item: YamlValue) {
  const target = item.get('target');
  if (target === null) return item.report('This port has no "target". Expected the container\'s port.');
  const containerPort = context.number(target);
  if (containerPort === undefined) return undefined;
  const transport = item.get('protocol')?.text ?? 'tcp';
  const published = item.get('published');
  if (transport !== 'tcp' || published?.text?.includes('-')) {
    context.leaveOut(`${place}.ports`, item, 'Gantry publishes TCP and HTTP ports, one by one.');
    return undefined;
  }
  const protocol = item.get('app_protocol')?.text ?? null;
  for (const { key, keyAt } of item.entries()) {
    if (['target', 'published', 'protocol', 'app_protocol', 'host_ip', 'mode', 'name'].includes(key)) continue;
    context.leaveOut(`${place}.ports.${key}`, keyAt, 'Gantry has nothing like it.');
  }
  const port: ServicePort = {
    containerPort,
    protocol: protocol === null ? guess(containerPort) : protocol.startsWith('http') ? 'http' : 'tcp',
    publish: {
      address: item.get('host_ip')?.text ?? everywhere,
      port: published === null ? null : (context.number(published) ?? null),
    },
  };
  return { port, guessed: protocol === null };
}
