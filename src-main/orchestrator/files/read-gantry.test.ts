import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { type ServiceSpecInput, serviceSpecSchema } from '#shared/model/service-spec.ts';
import { readGantry } from './read-gantry.ts';
import { writeGantry } from './write-gantry.ts';

/** What is said of a file that cannot be read. */
function problemsOf(text: string): string {
  try {
    readGantry('stack.yaml', text);
  } catch (error) {
    if (error instanceof GantryError && error.code === 'invalid-spec') return error.message;
    throw error;
  }
  return '';
}

const service = (lines: string): string => `kind: Service\nname: api\nimage: demo:1\n${lines}`;
const specOf = (lines: string) => readGantry('stack.yaml', service(lines)).services[0];

describe('readGantry', () => {
  it('reads all kinds', () => {
    const read = readGantry(
      'stack.yaml',
      `kind: Secret\nname: token\n---\nkind: Config\nname: site\ntext: |\n  a\n  b\n---\nkind: Volume\nname: data\n---\n${service('')}`,
    );
    expect(read).toMatchObject({
      secrets: [{ name: 'token' }],
      configs: [{ name: 'site', text: 'a\nb\n' }],
      volumes: [{ name: 'data', driver: 'local', options: {} }],
      services: [{ name: 'api', image: { kind: 'image', reference: 'demo:1' } }],
    });
  });

  it.each([
    ['replicas: 3', { mode: { kind: 'replicated', replicas: 3 } }],
    ['mode: global', { mode: { kind: 'global' } }],
    ['stopGrace: 1m30s', { stopGraceMs: 90_000 }],
    ['limits: {memory: 256MB, cpus: 0.5}', { limits: { memoryBytes: 268_435_456, cpus: 0.5 } }],
    ['ports: ["8080"]', { ports: [{ containerPort: 8_080, protocol: 'http', publish: null }] }],
    ['ports: ["20080:80"]', { ports: [{ containerPort: 80, publish: { address: '127.0.0.1', port: 20_080 } }] }],
    ['ports: ["0.0.0.0:53:53/tcp"]', { ports: [{ protocol: 'tcp', publish: { address: '0.0.0.0', port: 53 } }] }],
    ['ports: [{containerPort: 80, publish: true}]', { ports: [{ publish: { address: '127.0.0.1', port: null } }] }],
    [
      'ports: ["80"]\nhealth: {http: /ready, interval: 2s}',
      { health: { probe: { kind: 'http', port: 80, path: '/ready' } } },
    ],
    ['health: {exec: pg_isready -U "my user"}', { health: { probe: { command: ['pg_isready', '-U', 'my user'] } } }],
    ['volumes: ["data:/d:ro"]', { mounts: [{ kind: 'volume', volume: 'data', target: '/d', readOnly: true }] }],
    ['volumes: ["/srv:/d"]', { mounts: [{ kind: 'bind', source: '/srv', target: '/d' }] }],
    ['volumes: [{tmpfs: /d, size: 1MB}]', { mounts: [{ kind: 'tmpfs', target: '/d', sizeBytes: 1_048_576 }] }],
    ['constraints: [node.labels.zone == eu]', { constraints: [{ attribute: 'node.labels.zone', value: 'eu' }] }],
    ['env: {PORT: 8080, ON: true, EMPTY: }', { env: { PORT: '8080', ON: 'true', EMPTY: '' } }],
    ['update: {limits: {errorPercentMax: none}}', { update: { limits: { errorPercentMax: null, restartsMax: 0 } } }],
  ])('reads "%s"', (lines, spec) => expect(specOf(lines)).toMatchObject(spec));

  it('reads anchors and merge keys, the own key first', () => {
    const text = `kind: Service\nname: api\nimage: x\nupdate: &fast {delay: 1s, parallelism: 2}\nrollback: {<<: *fast, delay: 0s}\n`;
    expect(readGantry('stack.yaml', text).services[0]?.rollback).toMatchObject({ delayMs: 0, parallelism: 2 });
  });

  it.each([
    ['replica: 3', 'stack.yaml:4:1: A Service has no "replica". Did you mean "replicas"?'],
    ['stop_grace: 3s', 'Did you mean "stopGrace"?'],
    ['stopGrace: 3', 'stack.yaml:4:12: "stopGrace" is the number 3. Expected a duration with its unit'],
    ['replicas: -1', 'stack.yaml:4:11: "replicas" is the number -1: expected at least 0.'],
    ['replicas: 2\nmode: global', '"mode" says again what "replicas" says.'],
    ['build: .', '"build" says again what "image" says.'],
    ['health: {http: /}', 'names no port'],
    [
      'ports: ["80"]\nroutes: [{path: /a, containerPort: 80}, {path: /a/, containerPort: 80}]',
      'is there twice: the same host and path',
    ],
    ['health: {interval: 1s}', 'Expected http, tcp or exec.'],
    ['health: {tcp: 99}', 'is not one of the service’s ports: name it there too (it need not be published)'],
    ['health: {http: /ready, port: 80}', 'is not one of the service’s ports: name it there too'],
    ['ports: [x]', 'Expected a port such as "8080"'],
    ['dependsOn: [api]', 'names the service itself'],
    ['labels: {gantry.x: a}', 'which is Gantry’s own'],
  ])('refuses "%s" and says where and why', (lines, why) => expect(problemsOf(service(lines))).toContain(why));

  it('says all problems at once, in the order of the file', () => {
    const lines = problemsOf(service('replica: 3\nstopGrace: 3\nports: [x]')).split('\n');
    expect(lines.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      'stack.yaml:4',
      'stack.yaml:5',
      'stack.yaml:6',
    ]);
  });

  it.each([
    ['kind: Servise\n', 'Did you mean Service?'],
    ['name: a\n', 'has no "kind"'],
    ['kind: Service\nname: a\n', 'has no image'],
    ['kind: Service\nname: Web_1\nimage: x\n', 'lower-case letters, digits and dashes'],
    ['a: [\n', 'This is not valid YAML'],
    ['kind: Secret\nname: token\nvalue: hunter2\n', 'gantry secret set token'],
    ['kind: Secret\nname: token\nfromEnv: TOKEN\n', 'gantry secret set token'],
    [`${service('')}---\n${service('')}`, 'is there twice, first in line 1'],
  ])('refuses %j', (text, why) => expect(problemsOf(text)).toContain(why));

  it('never repeats the value of a secret', () => {
    expect(problemsOf('kind: Secret\nname: token\nvalue: hunter2\n')).not.toContain('hunter2');
  });

  it('refuses services that wait for each other, by name', () => {
    const of = (name: string, other: string) => `kind: Service\nname: ${name}\nimage: x\ndependsOn: [${other}]\n`;
    expect(problemsOf([of('a', 'b'), of('b', 'c'), of('c', 'a')].join('---\n'))).toContain('a → b → c → a');
  });

  it('reads an empty file as nothing, with a warning', () => {
    expect(readGantry('stack.yaml', '')).toMatchObject({ services: [], warnings: ['stack.yaml names nothing.'] });
  });
});

const name = fc.constantFrom('api', 'web', 'db-1');
const words = fc.array(fc.string({ maxLength: 20 }), { maxLength: 4 });
const path = fc.string({ maxLength: 12 }).map((text) => `/${text}`);
const durationMs = fc.nat({ max: 100_000 });
const texts = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), fc.string({ maxLength: 30 }), { maxKeys: 4 });
const port = fc.integer({ min: 1, max: 65_535 });
const update = fc.record(
  {
    strategy: fc.constantFrom('rolling' as const, 'blue-green' as const, 'canary' as const),
    parallelism: fc.nat({ max: 20 }),
    delayMs: durationMs,
    order: fc.constantFrom('start-first' as const, 'stop-first' as const),
    failureRatioMax: fc.double({ min: 0, max: 1, noNaN: true }),
    canarySteps: fc.array(
      fc.record({ weightPercent: fc.integer({ min: 1, max: 99 }), holdMs: fc.option(durationMs) }),
      { maxLength: 3 },
    ),
    limits: fc.record(
      {
        errorPercentMax: fc.option(fc.nat({ max: 100 })),
        p99MsMax: fc.option(fc.double({ min: 0.01, max: 9_999, noNaN: true })),
        restartsMax: fc.option(fc.nat({ max: 9 })),
      },
      { requiredKeys: [] },
    ),
    keepPreviousMs: durationMs,
  },
  { requiredKeys: [] },
);
const mount = fc.oneof(
  fc.record({
    kind: fc.constant('volume' as const),
    volume: fc.constantFrom('data', 'my.vol_1'),
    target: path,
    readOnly: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('bind' as const), source: path, target: path, readOnly: fc.boolean() }),
  fc.record({ kind: fc.constant('tmpfs' as const), target: path, sizeBytes: fc.option(fc.integer({ min: 1 })) }),
);
const ports = fc.uniqueArray(
  fc.record({
    containerPort: port,
    protocol: fc.constantFrom('http' as const, 'tcp' as const),
    publish: fc.option(fc.record({ address: fc.constantFrom('127.0.0.1', '0.0.0.0', '::1'), port: fc.option(port) })),
  }),
  { selector: (each) => each.containerPort, maxLength: 4 },
);
const drawnSpec: fc.Arbitrary<ServiceSpecInput> = fc
  .record(
    {
      name,
      image: fc.oneof(
        fc.record({ kind: fc.constant('image' as const), reference: fc.string({ minLength: 1, maxLength: 20 }) }),
        fc.record({
          kind: fc.constant('build' as const),
          context: fc.string({ maxLength: 9 }),
          target: fc.option(fc.string({ maxLength: 9 })),
          args: texts,
        }),
      ),
      mode: fc.oneof(
        fc.constant({ kind: 'global' as const }),
        fc.record({ kind: fc.constant('replicated' as const), replicas: fc.nat({ max: 1_000 }) }),
      ),
      entrypoint: fc.option(words),
      command: fc.option(words),
      env: texts,
      workingDirectory: fc.option(path),
      user: fc.option(fc.string({ maxLength: 9 })),
      ports,
      limits: fc.record({
        cpus: fc.option(fc.double({ min: 0.01, max: 64, noNaN: true })),
        memoryBytes: fc.option(fc.integer({ min: 6_291_456 })),
        pids: fc.option(fc.integer({ min: 1, max: 999 })),
      }),
      restart: fc.record(
        { condition: fc.constantFrom('any' as const, 'on-failure' as const, 'none' as const), delayMs: durationMs },
        { requiredKeys: [] },
      ),
      mounts: fc.array(mount, { maxLength: 3 }),
      secrets: fc.array(
        fc.record({ secret: fc.constantFrom('token', 'Db.1'), file: fc.option(fc.stringMatching(/^[a-z.]{1,9}$/)) }),
        { maxLength: 2 },
      ),
      configs: fc.array(fc.record({ config: fc.constantFrom('site', 'x'), target: path }), { maxLength: 2 }),
      constraints: fc.array(
        fc.record({
          attribute: fc.constantFrom('node.id', 'node.labels.zone'),
          operator: fc.constantFrom('==' as const, '!=' as const),
          value: fc.string({ maxLength: 9 }),
        }),
        { maxLength: 2 },
      ),
      stopSignal: fc.option(fc.constantFrom('SIGINT', 'SIGRTMIN+3')),
      stopGraceMs: durationMs,
      dependsOn: fc.constantFrom<string[]>([], ['other']),
      update,
      rollback: update,
      labels: texts,
    },
    { requiredKeys: ['name', 'image'] },
  )
  .chain((spec) => {
    const served = (spec.ports ?? []).map((each) => each.containerPort);
    const exec = fc.record({
      kind: fc.constant('exec' as const),
      command: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    });
    const probes =
      served.length === 0
        ? exec
        : fc.oneof(
            exec,
            fc.record({ kind: fc.constant('http' as const), port: fc.constantFrom(...served), path }),
            fc.record({ kind: fc.constant('tcp' as const), port: fc.constantFrom(...served) }),
          );
    return fc
      .record({ probe: probes, intervalMs: fc.integer({ min: 100, max: 9_999 }) })
      .map((health) => ({ ...spec, health }));
  });

describe('writeGantry', () => {
  it('is read back as the same specs', () => {
    fc.assert(
      fc.property(drawnSpec, fc.string({ maxLength: 200 }), (drawn, text) => {
        const spec = serviceSpecSchema.parse(drawn);
        const config = { name: 'site' as never, text };
        const volume = { name: 'data' as never, driver: 'local', options: {} };
        const written = writeGantry({
          services: [spec],
          secrets: [{ name: 'token' as never }],
          configs: [config],
          volumes: [volume],
        });
        const read = readGantry('exported.yaml', written);
        expect(read.services).toEqual([spec]);
        expect(read.configs).toEqual([config]);
        expect(read.volumes).toEqual([volume]);
      }),
      { numRuns: 300 },
    );
  });
});
