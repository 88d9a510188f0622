/**
 * Which commands bring a running balancer's servers to a spec. Pure. New servers come first and
 * traffic is given before it is taken, so that there is no moment with fewer servers than either
 * side of the change has.
 */
import type { EdgePool, EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { checkPathsFile } from './edge-layout.ts';
import { serverArguments } from './haproxy-config.ts';
import type { ServerStanding } from './runtime-answers.ts';
import { checkPathOf, isChecked } from './server-check.ts';

/** A command, and what its answer begins with if it was carried out. */
export interface SwitchCommand {
  readonly command: string;
  readonly accepts: RegExp;
}

const nothing = /^$/;
const nothingOrNotThere = /^(Key not found\.)?$/;

/** The commands of a change, in order. */
export interface SwitchPlan {
  /** Servers that are new, and traffic that is given. */
  readonly give: readonly SwitchCommand[];
  /** Traffic that is taken, and servers that go. */
  readonly take: readonly SwitchCommand[];
  /** Pools in which no server would be left that is known to work, if traffic were taken at once. */
  readonly bare: readonly string[];
}

/** What to do; no commands if all is as the spec says. */
export function planSwitch(spec: EdgeSpec, standings: readonly ServerStanding[]): SwitchPlan {
  const before = new Map(standings.map((standing) => [`${standing.pool}/${standing.server}`, standing]));
  const wanted = spec.pools.flatMap((pool) =>
    pool.servers.map((server) => ({ pool, server, path: `${pool.name}/${server.name}` })),
  );
  const paths = new Set(wanted.map(({ path }) => path));
  const pools = new Set(spec.pools.map(({ name }) => name));

  const add: SwitchCommand[] = [];
  const give: SwitchCommand[] = [];
  const take: SwitchCommand[] = [];
  for (const { pool, server, path } of wanted) {
    const standing = before.get(path);
    if (standing === undefined) {
      add.push(...addServer(path, server, pool));
      if (server.state === 'ready') give.push(setServer(path, 'state ready'));
      continue;
    }
    if (isElsewhere(standing, server)) add.push(...moveServer(path, server, pool));
    else if (standing.isInMaintenance) add.push(...reviveServer(path, server, pool));
    const isDraining = standing.isDraining || isElsewhere(standing, server) || standing.isInMaintenance;
    if (standing.weight !== server.weight) {
      (standing.weight < server.weight ? give : take).push(setServer(path, `weight ${server.weight}`));
    }
    if (server.state === 'ready' && isDraining) give.push(setServer(path, 'state ready'));
    if (server.state === 'drain' && !isDraining) take.push(setServer(path, 'state drain'));
  }
  const remove = standings
    .filter(({ pool, server }) => pools.has(pool) && !paths.has(`${pool}/${server}`))
    .flatMap((standing) => removeServer(`${standing.pool}/${standing.server}`, standing, spec));
  return {
    give: [...add, ...give],
    take: [...take, ...remove],
    bare: spec.pools.filter((pool) => isBare(pool, before)).map(({ name }) => name),
  };
}

/** Whether a pool serves now, and has new servers to do so later, and none at this moment. */
function isBare(pool: EdgePool, before: ReadonlyMap<string, ServerStanding>): boolean {
  const taking = pool.servers.filter(({ state, weight }) => state === 'ready' && weight > 0);
  const works = (server: EdgeServer): boolean => {
    const standing = before.get(`${pool.name}/${server.name}`);
    return standing?.isUp === true && !standing.isInMaintenance && !isElsewhere(standing, server);
  };
  const serves = [...before.values()].some(
    (standing) => standing.pool === pool.name && standing.isUp && !standing.isDraining && !standing.isInMaintenance,
  );
  return serves && taking.length > 0 && !taking.some(works);
}

/** Begins as down and draining: it takes nothing before its first check passed, if it is checked at all. */
function addServer(path: string, server: EdgeServer, pool: EdgePool): SwitchCommand[] {
  return [
    { command: `add server ${path} ${serverArguments(server, pool)}`, accepts: /^New server registered/ },
    ...tellPath(path, server, pool),
    ...(isChecked(server, pool) ? [{ command: `enable health ${path}`, accepts: nothing }] : []),
    setServer(path, 'state drain'),
    setServer(path, healthAtFirst(server, pool)),
  ];
}

function reviveServer(path: string, server: EdgeServer, pool: EdgePool): SwitchCommand[] {
  return [
    ...tellPath(path, server, pool),
    setServer(path, 'state drain'),
    setServer(path, healthAtFirst(server, pool)),
  ];
}

/** What its check asks for: told before it is checked, and only then, since a server keeps its check. */
function tellPath(path: string, server: EdgeServer, pool: EdgePool): SwitchCommand[] {
  const checkPath = checkPathOf(server, pool);
  if (checkPath === null) return [];
  // A semicolon would end the command.
  const command = `add map ${checkPathsFile} ${path} ${checkPath.replaceAll(';', '\\;')}`;
  return [forgetPath(path), { command, accepts: nothing }];
}

function forgetPath(path: string): SwitchCommand {
  return { command: `del map ${checkPathsFile} ${path}`, accepts: nothingOrNotThere };
}

/** Nothing would take back a server without a check. */
function healthAtFirst(server: EdgeServer, pool: EdgePool): string {
  return isChecked(server, pool) ? 'health down' : 'health up';
}

/** The same replica with another address, after a restart of its container. */
function moveServer(path: string, server: EdgeServer, pool: EdgePool): SwitchCommand[] {
  return [
    setServer(path, 'state drain'),
    {
      command: `set server ${path} addr ${server.address} port ${server.port}`,
      accepts: /^(IP changed|port changed|no need to change)/,
    },
    setServer(path, healthAtFirst(server, pool)),
  ];
}

/**
 * What it still has is not cut: it ends with the replica, and requests that have not reached it yet are
 * tried elsewhere. A server with connections that are about to be closed, or one that is found by its name, refuses
 * to go; it stays in maintenance, takes nothing, and goes with a later change or reload.
 */
function removeServer(path: string, { pool, isInMaintenance }: ServerStanding, { pools }: EdgeSpec): SwitchCommand[] {
  const remove = {
    command: `del server ${path}`,
    accepts: /^(Server deleted|Server still has|This server cannot be removed)/,
  };
  const hasPath = pools.some(({ name, check }) => name === pool && check.kind === 'http');
  return [...(isInMaintenance ? [] : [setServer(path, 'state maint')]), remove, ...(hasPath ? [forgetPath(path)] : [])];
}

function setServer(path: string, change: string): SwitchCommand {
  return { command: `set server ${path} ${change}`, accepts: nothing };
}

/** A server whose name is not known yet gets its address with the name. */
function isElsewhere(standing: ServerStanding, server: EdgeServer): boolean {
  if (standing.address === '') return false;
  return standing.address !== server.address || standing.port !== server.port;
}

/** Whether nothing but servers on their way out differs from the spec. */
export function isSwitched(spec: EdgeSpec, standings: readonly ServerStanding[]): boolean {
  const staying = standings.filter(({ isInMaintenance }) => !isInMaintenance);
  const { give, take } = planSwitch(spec, staying);
  return give.length + take.length === 0;
}
