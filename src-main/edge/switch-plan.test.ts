import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeServer, EdgeSpec } from '../ports/edge.ts';
import { checkPathsFile } from './edge-layout.ts';
import { edgeSpec, poolSpec, serverSpec } from './edge-spec.fixture.ts';
import type { ServerStanding } from './runtime-answers.ts';
import { isSwitched, planSwitch } from './switch-plan.ts';

function standing(server: string, changes: Partial<ServerStanding> = {}): ServerStanding {
  const base = { pool: 'web', server, address: '10.0.0.2', port: 8_000, weight: 100 };
  return { ...base, isUp: true, isDraining: false, isInMaintenance: false, ...changes };
}

function commands(spec: EdgeSpec, standings: readonly ServerStanding[]): string[] {
  const { give, take } = planSwitch(spec, standings);
  return [...give, ...take].map(({ command }) => command);
}

/** Without those that say what a server's check asks for. */
function switches(spec: EdgeSpec, standings: readonly ServerStanding[]): string[] {
  return commands(spec, standings).filter((command) => !command.includes(' map '));
}

const web = (...servers: readonly EdgeServer[]): EdgeSpec => edgeSpec([poolSpec('web', servers)]);

it('does nothing where all is so', () => {
  const spec = web(serverSpec('a'), serverSpec('b', { state: 'drain', weight: 7 }));
  expect(commands(spec, [standing('a'), standing('b', { isDraining: true, weight: 7 })])).toEqual([]);
  expect(commands(spec, [standing('a', { isUp: false }), standing('b', { isDraining: true, weight: 7 })])).toEqual([]);
});

it('adds a server as down and draining, and has it checked, before it may take traffic', () => {
  const [added, ...rest] = switches(web(serverSpec('a', { weight: 9 })), []);
  expect(added).toMatch(/^add server web\/a 10\.0\.0\.2:8000 check .* weight 9$/);
  expect(rest).toEqual([
    'enable health web/a',
    'set server web/a state drain',
    'set server web/a health down',
    'set server web/a state ready',
  ]);
  expect(commands(web(serverSpec('a', { state: 'drain' })), []).at(-1)).toBe('set server web/a health down');
});

it('gives before it takes', () => {
  const spec = web(
    serverSpec('new', { weight: 90 }),
    serverSpec('old', { state: 'drain' }),
    serverSpec('more', { weight: 10 }),
  );
  const before = [
    standing('new', { isDraining: true, weight: 50 }),
    standing('old'),
    standing('gone'),
    standing('more'),
  ];
  expect(switches(spec, before)).toEqual([
    'set server web/new weight 90',
    'set server web/new state ready',
    'set server web/old state drain',
    'set server web/more weight 10',
    'set server web/gone state maint',
    'del server web/gone',
  ]);
});

it('only deletes what is out already, and takes back what returns', () => {
  const out = standing('a', { isInMaintenance: true, isUp: false });
  expect(switches(web(), [out])).toEqual(['del server web/a']);
  expect(switches(web(serverSpec('a')), [out])).toEqual([
    'set server web/a state drain',
    'set server web/a health down',
    'set server web/a state ready',
  ]);
});

it('follows a replica to its new address, as a server that has yet to pass a check', () => {
  const moved = web(serverSpec('a', { address: '10.0.0.7' }));
  expect(commands(moved, [standing('a')])).toEqual([
    'set server web/a state drain',
    'set server web/a addr 10.0.0.7 port 8000',
    'set server web/a health down',
    'set server web/a state ready',
  ]);
  // The name service will say where it is.
  expect(commands(moved, [standing('a', { address: '', isUp: false })])).toEqual([]);
});

it('says what the check of a server asks for before it is checked, and forgets it afterwards', () => {
  const own = serverSpec('a', { check: { kind: 'http', path: '/of/mine;v=2', port: 8_000 } });
  const [add, forget, tell, check] = commands(web(own), []);
  expect(add).toMatch(/^add server web\/a /);
  expect([forget, tell, check]).toEqual([
    `del map ${checkPathsFile} web/a`,
    `add map ${checkPathsFile} web/a /of/mine\\;v=2`,
    'enable health web/a',
  ]);
  expect(commands(web(serverSpec('b')), [])[2]).toBe(`add map ${checkPathsFile} web/b /health`);
  expect(commands(web(), [standing('a')]).at(-1)).toBe(`del map ${checkPathsFile} web/a`);
  // What it is asked for changes only with the server.
  expect(commands(web(own), [standing('a')])).toEqual([]);
});

it('trusts a server whose check is of another kind than the pool’s', () => {
  const raw = serverSpec('a', { check: { kind: 'tcp', path: '/', port: 8_000 } });
  expect(commands(web(raw), [])).toEqual([
    'add server web/a 10.0.0.2:8000 pool-purge-delay 2000ms weight 100',
    'set server web/a state drain',
    'set server web/a health up',
    'set server web/a state ready',
  ]);
});

it('reaches and checks a server at its own port', () => {
  const own = serverSpec('a', { port: 9_000, check: { kind: 'http', path: '/', port: 9_000 } });
  expect(commands(web(own), [])[0]).toMatch(/^add server web\/a 10\.0\.0\.2:9000 (?!.*port)/);
  expect(commands(web(own), [standing('a', { port: 9_000 })])).toEqual([]);
  expect(commands(web(own), [standing('a')])).toContain('set server web/a addr 10.0.0.2 port 9000');
});

it('leaves pools alone that are no longer there: they go with a reload', () => {
  expect(commands(web(serverSpec('a')), [standing('a'), standing('x', { pool: 'other' })])).toEqual([]);
});

it('says where a pool would have nobody for a moment', () => {
  const spec = web(serverSpec('new'), serverSpec('old', { state: 'drain' }));
  const bare = (...standings: readonly ServerStanding[]): readonly string[] => planSwitch(spec, standings).bare;
  expect(bare(standing('old'))).toEqual(['web']);
  expect(bare(standing('old'), standing('new', { isUp: false, isDraining: true }))).toEqual(['web']);
  expect(bare(standing('old'), standing('new', { isDraining: true }))).toEqual([]);
  expect(bare(standing('old', { isUp: false }))).toEqual([]);
  expect(planSwitch(web(serverSpec('old', { state: 'drain' })), [standing('old')]).bare).toEqual([]);
});

describe('any change', () => {
  /** What HAProxy does with these commands, as far as traffic and order go. */
  function carryOut(command: string, servers: Map<string, ServerStanding>): void {
    if (command.includes(' map ')) return;
    const [, path = '', rest = ''] = /^(?:add|set|del|enable health) server (\S+) ?(.*)$/.exec(command) ?? [];
    const [pool = '', server = ''] = path.split('/');
    const before = servers.get(server);
    if (command.startsWith('add ')) {
      expect(before).toBeUndefined();
      const weight = Number(/weight (\d+)$/.exec(rest)?.[1]);
      const address = rest.slice(0, rest.indexOf(':'));
      servers.set(server, { ...standing(server, { pool, weight, address }), isInMaintenance: true });
    } else if (command.startsWith('del ')) {
      expect(before?.isInMaintenance).toBe(true);
      servers.delete(server);
    } else if (command.startsWith('set ') && before) {
      const changes: Record<string, Partial<ServerStanding>> = {
        'state ready': { isDraining: false, isInMaintenance: false },
        'state drain': { isDraining: true, isInMaintenance: false, isUp: before.isInMaintenance || before.isUp },
        'state maint': { isInMaintenance: true, isUp: false },
        'health down': { isUp: false },
      };
      const weight = /^weight (\d+)/.exec(rest)?.[1];
      const address = /^addr (\S+)/.exec(rest)?.[1];
      servers.set(server, {
        ...before,
        ...changes[rest],
        ...(weight === undefined ? {} : { weight: Number(weight) }),
        ...(address === undefined ? {} : { address }),
      });
    }
  }

  const takes = ({ isUp, isDraining, isInMaintenance, weight }: ServerStanding): boolean =>
    isUp && !isDraining && !isInMaintenance && weight > 0;
  const anyServer = fc.record({
    state: fc.constantFrom('ready', 'drain'),
    weight: fc.constantFrom(0, 1, 100, 256),
    address: fc.constantFrom('10.0.0.2', '10.0.0.3'),
  });
  const anyStanding = fc.record({
    address: fc.constantFrom('10.0.0.2', '10.0.0.3', ''),
    weight: fc.constantFrom(0, 1, 100, 256),
    isUp: fc.boolean(),
    isDraining: fc.boolean(),
    isInMaintenance: fc.boolean(),
  });
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const change = fc.tuple(fc.dictionary(names, anyServer), fc.dictionary(names, anyStanding));

  it('ends as the spec says, and never lets what has not passed a check take traffic', () => {
    fc.assert(
      fc.property(change, ([wanted, found]) => {
        const spec = web(...Object.entries(wanted).map(([name, one]) => serverSpec(name, one)));
        const servers = new Map(
          Object.entries(found).map(([name, one]) => [
            name,
            standing(name, { ...one, isUp: one.isUp && one.address !== '' }),
          ]),
        );
        const took = new Set([...servers.values()].filter(takes).map(({ server }) => server));
        const known = new Set([...servers.values()].filter(({ isUp }) => isUp).map(({ server }) => server));
        for (const command of commands(spec, [...servers.values()])) {
          carryOut(command, servers);
          for (const one of servers.values()) {
            if (takes(one) && !took.has(one.server)) expect([...known]).toContain(one.server);
          }
        }
        expect(isSwitched(spec, [...servers.values()])).toBe(true);
      }),
    );
  });

  it('always has a server that takes traffic, if there is one before and after', () => {
    fc.assert(
      fc.property(change, ([wanted, found]) => {
        const spec = web(...Object.entries(wanted).map(([name, one]) => serverSpec(name, one)));
        // None that moved: what is at the old address may be anything, and is left at once.
        const servers = new Map(
          Object.entries(found).map(([name, one]) => {
            const address = wanted[name]?.address ?? '10.0.0.2';
            return [name, standing(name, { ...one, address })];
          }),
        );
        const serves = (): boolean => [...servers.values()].some(takes);
        const willServe = spec.pools.some((pool) =>
          pool.servers.some((one) => one.state === 'ready' && one.weight > 0),
        );
        fc.pre(serves() && willServe);
        const { give, take, bare } = planSwitch(spec, [...servers.values()]);
        const run = (step: typeof give): void => {
          for (const { command } of step) {
            carryOut(command, servers);
            expect(serves()).toBe(true);
          }
        };
        run(give);
        // Whoever carries it out waits for a check to pass where nobody would be left.
        if (bare.length > 0)
          for (const [name, one] of servers) servers.set(name, { ...one, isUp: !one.isInMaintenance });
        run(take);
      }),
    );
  });
});
