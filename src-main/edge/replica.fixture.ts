/** Containers that answer who they are: HAProxy once more, with a few lines of Lua for what takes time. */
import type { ContainerEngine } from '../ports/engine.ts';
import { tarOf } from '../platform/tar.ts';
import { edgeImage } from './edge-image.ts';

/** Where replicas listen: http, and tcp that says the name and echoes lines. */
export const replicaPorts = { http: 8_000, tcp: 9_000 } as const;

export interface ReplicaContainer {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It listens so much later than its container starts. */
  readonly startsAfterMs?: number;
}

/**
 * Starts one. `GET /` answers its name, `/slow?ms=n` after a time, `/stream?ms=n` in parts,
 * `/echo` what it was sent; `/health` follows `/break` and `/mend`.
 */
export async function startReplica(engine: ContainerEngine, options: ReplicaOptions): Promise<ReplicaContainer> {
  const { name, network, labels, startsAfterMs = 0 } = options;
  const created = await engine.createContainer({
    name,
    image: edgeImage,
    entrypoint: ['/bin/sh', '-c', `sleep ${startsAfterMs / 1_000}; exec haproxy -db -f /replica/haproxy.cfg`],
    command: [],
    env: {},
    labels,
    workingDirectory: '/',
    user: '0:0',
    hostname: null,
    networks: [{ network, aliases: [] }],
    publish: [],
    mounts: [],
    cpus: null,
    memoryBytes: null,
    pids: 64,
    restart: 'no',
    health: null,
    stopSignal: 'SIGTERM',
    stopGraceMs: 1_000,
    logBytesMax: 100_000,
  });
  if (!created.ok) throw new Error(created.error.detail);
  const { id } = created.value;
  const file = (path: string, text: string) => ({ path: `replica/${path}`, bytes: Buffer.from(text), mode: 0o644 });
  const put = await engine.putArchive(
    id,
    '/',
    tarOf([file('haproxy.cfg', config(name)), file('replica.lua', lua(name))]),
  );
  if (!put.ok) throw new Error(put.error.detail);
  const started = await engine.startContainer(id);
  if (!started.ok) throw new Error(started.error.detail);
  const facts = await engine.inspectContainer(id);
  const address = facts.ok ? facts.value.addresses[network] : undefined;
  if (address === undefined) throw new Error(`${name} has no address on ${network}`);
  return { id, name, address };
}

function config(name: string): string {
  return `global
  no strict-limits
  fd-hard-limit 4096
  nbthread 1
  lua-load /replica/replica.lua
defaults
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 60s
frontend http
  mode http
  bind *:${replicaPorts.http}
  http-request use-service lua.slow if { path -m beg /slow }
  http-request use-service lua.stream if { path /stream }
  http-request use-service lua.health if { path /health /break /mend }
  http-request use-service lua.echo if { path /echo }
  http-request return status 500 content-type text/plain string "${name}" hdr x-replica ${name} if { path /fail }
  http-request return status 200 content-type text/plain string "${name}" hdr x-replica ${name} hdr x-seen-for "%[req.hdr(x-forwarded-for)]" hdr x-seen-proto "%[req.hdr(x-forwarded-proto)]"
frontend tcp
  mode tcp
  bind *:${replicaPorts.tcp}
  tcp-request content use-service lua.tcp
`;
}

function lua(name: string): string {
  return `
local healthy = true
local function answer(applet, status, text)
  applet:set_status(status)
  applet:add_header("x-replica", "${name}")
  applet:add_header("content-length", tostring(#text))
  applet:start_response()
  applet:send(text)
end
core.register_service("slow", "http", function(applet)
  core.msleep(tonumber(string.match(applet.qs, "ms=(%d+)")))
  answer(applet, 200, "${name}")
end)
core.register_service("stream", "http", function(applet)
  local ms = tonumber(string.match(applet.qs, "ms=(%d+)"))
  applet:set_status(200)
  applet:add_header("x-replica", "${name}")
  applet:start_response()
  for _ = 1, 10 do
    applet:send("part\\n")
    core.msleep(ms // 10)
  end
end)
core.register_service("health", "http", function(applet)
  if applet.path == "/break" then healthy = false end
  if applet.path == "/mend" then healthy = true end
  answer(applet, (applet.path == "/health" and not healthy) and 503 or 200, "${name}")
end)
core.register_service("echo", "http", function(applet)
  answer(applet, 200, applet:receive())
end)
core.register_service("tcp", "tcp", function(applet)
  applet:send("${name}\\n")
  while true do
    local line = applet:getline()
    if line == nil or line == "" then return end
    applet:send(line)
  end
end)
`;
}
