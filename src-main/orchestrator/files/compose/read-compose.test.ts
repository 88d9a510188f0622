import { describe, expect, it } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { interpolate } from './interpolate.ts';
import { readCompose } from './read-compose.ts';
import { writeCompose } from './write-compose.ts';

const one = (lines: string, env: Record<string, string> = {}) =>
  readCompose('compose.yaml', `services:\n  web:\n    image: demo:1\n${lines.replace(/^/gm, '    ')}\n`, env);

function problemsOf(text: string): string {
  try {
    readCompose('compose.yaml', text, {});
  } catch (error) {
    if (error instanceof GantryError && error.code === 'invalid-spec') return error.message;
    throw error;
  }
  return '';
}

describe('interpolate', () => {
  const env = { SET: 'yes', EMPTY: '' };
  it.each([
    ['$SET and ${SET}', 'yes and yes'],
    ['${NONE:-a}${EMPTY:-b}${EMPTY-c}', 'ab'],
    ['${NONE:-${SET}}', 'yes'],
    ['${SET:+x}${NONE+y}${EMPTY:+z}', 'x'],
    ['$$SET', '$SET'],
  ])('puts values into "%s"', (text, put) =>
    expect(interpolate(text, env)).toMatchObject({ text: put, problem: null }),
  );

  it('names what is not set, and what must be', () => {
    expect(interpolate('${NONE}', env)).toMatchObject({ text: '', unset: ['NONE'] });
    expect(interpolate('${NONE:?say it}', env).problem).toContain('NONE must be set: say it');
    expect(interpolate('${', env).problem).toContain('not closed');
    expect(interpolate('${toString}', {}).unset).toEqual(['toString']);
  });
});

describe('readCompose', () => {
  it.each([
    [
      'ports: ["8080:80"]',
      { ports: [{ containerPort: 80, protocol: 'http', publish: { address: '0.0.0.0', port: 8_080 } }] },
    ],
    [
      'ports: ["127.0.0.1:5432:5432"]',
      { ports: [{ protocol: 'tcp', publish: { address: '127.0.0.1', port: 5_432 } }] },
    ],
    ['ports: [{target: 9, published: "10", app_protocol: http}]', { ports: [{ containerPort: 9, protocol: 'http' }] }],
    ['expose: ["5432"]', { ports: [{ containerPort: 5_432, publish: null }] }],
    ['environment: [A=1, B=x=y]', { env: { A: '1', B: 'x=y' } }],
    ['environment: {A: 1, FROM: }', { env: { A: '1', FROM: 'there' } }],
    ['command: sh -c "echo hi"', { command: ['sh', '-c', 'echo hi'] }],
    ['restart: "no"', { restart: { condition: 'none' } }],
    ['restart: on-failure:3', { restart: { condition: 'on-failure', attemptsMax: 3 } }],
    [
      'volumes: ["data:/d", "./x:/x:ro"]',
      { mounts: [{ volume: 'data' }, { kind: 'bind', source: '/srv/x', readOnly: true }] },
    ],
    ['tmpfs: /run:size=64m', { mounts: [{ kind: 'tmpfs', target: '/run', sizeBytes: 67_108_864 }] }],
    ['mem_limit: 256m\ncpus: 0.5\npids_limit: 9', { limits: { memoryBytes: 268_435_456, cpus: 0.5, pids: 9 } }],
    ['depends_on: [db]', { dependsOn: ['db'] }],
    ['depends_on: {db: {condition: service_healthy}}', { dependsOn: ['db'] }],
    ['stop_grace_period: 1m30s\nstop_signal: SIGINT', { stopGraceMs: 90_000, stopSignal: 'SIGINT' }],
    ['deploy: {mode: global}', { mode: { kind: 'global' } }],
    ['deploy: {replicas: "${N:-3}"}', { mode: { replicas: 3 } }],
    [
      'deploy: {update_config: {parallelism: 2, order: stop-first, failure_action: pause}}',
      { update: { parallelism: 2, order: 'stop-first', onFailure: 'pause' } },
    ],
    [
      'deploy: {placement: {constraints: [node.hostname==a]}}',
      { constraints: [{ attribute: 'node.name', operator: '==', value: 'a' }] },
    ],
    ['healthcheck: {test: [NONE]}', { health: null }],
    [
      'healthcheck: {test: pg_isready, interval: 5s}',
      { health: { probe: { kind: 'exec', command: ['/bin/sh', '-c', 'pg_isready'] }, intervalMs: 5_000 } },
    ],
  ])('reads "%s"', (lines, spec) => {
    expect(one(lines, { FROM: 'there', PWD: '/srv' }).services[0]).toMatchObject(spec);
  });

  it.each([
    ['["CMD", "curl", "-f", "http://localhost:80/ready"]', 'http'],
    ['curl -fsS http://127.0.0.1/ready || exit 1', 'http'],
    ['wget -q --spider http://localhost:80/ready', 'http'],
    ['["CMD", "curl", "http://localhost:80/ready"]', 'exec'],
    ['["CMD", "curl", "-f", "-H", "a: b", "http://localhost:80/ready"]', 'exec'],
    ['["CMD", "curl", "-f", "http://localhost:81/ready"]', 'exec'],
    ['["CMD", "curl", "-f", "https://localhost:80/ready"]', 'exec'],
    ['curl -f http://localhost:80/ready && other', 'exec'],
  ])('takes %s for a check by %s', (test, kind) => {
    const [spec] = one(
      `ports: ["80"]\nhealthcheck: {test: ${test.startsWith('[') ? test : JSON.stringify(test)}}`,
    ).services;
    expect(spec?.health?.probe.kind).toBe(kind);
  });

  it('names by place what it leaves out, and keeps quiet about extensions', () => {
    const { unsupported } = one(
      'network_mode: host\nprivileged: true\nx-mine: 1\nports: ["53:53/udp"]\ndeploy: {endpoint_mode: dnsrr}',
    );
    expect(unsupported).toEqual([
      'services.web.network_mode (line 4): Gantry gives each stack one network',
      'services.web.privileged (line 5): Gantry runs no privileged containers',
      expect.stringContaining('services.web.ports (line 7)'),
      expect.stringContaining('services.web.deploy.endpoint_mode (line 8)'),
    ]);
  });

  it('names secrets and configs that have to be set first, and reads no file of them', () => {
    const read = readCompose(
      'compose.yaml',
      'services: {web: {image: x, secrets: [pw]}}\nsecrets: {pw: {file: ./pw.txt}}\nconfigs: {a: {content: hi}, b: {file: ./b}}\n',
      {},
    );
    expect(read).toMatchObject({ secrets: [{ name: 'pw' }], configs: [{ name: 'a', text: 'hi' }] });
    expect(read.warnings.join('\n')).toContain('gantry secret set pw --from-file ./pw.txt');
    expect(read.warnings.join('\n')).toContain('gantry config set b --from-file ./b');
  });

  it('leaves out services of profiles that are not chosen', () => {
    const text = 'services: {a: {image: x}, b: {image: x, profiles: [dev]}}';
    expect(readCompose('c', text, {}).services.map((each) => each.name)).toEqual(['a']);
    expect(readCompose('c', text, { COMPOSE_PROFILES: 'dev' }).services).toHaveLength(2);
  });

  it('reads anchors and merge keys', () => {
    const text = 'x-base: &base {restart: "no", image: x}\nservices: {a: {<<: *base, image: y}}';
    expect(readCompose('c', text, {}).services[0]).toMatchObject({
      image: { reference: 'y' },
      restart: { condition: 'none' },
    });
  });

  it.each([
    ['services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}', 'a → b → a'],
    ['services: {a: {}}', 'has no image'],
    ['services: {a: {image: x, env_file: .env}}', 'compose.yaml:1:26: What stands in env_file'],
    ['services: {a: {image: x, extends: {service: b}}}', 'Expected an anchor'],
    ['services: {A_b: {image: x}}', 'lower-case letters, digits and dashes'],
    ['services: {a: {image: x, mem_limit: lots}}', 'Expected a size with its unit'],
    ['services: {a: {image: "${TAG:?no tag}"}}', 'TAG must be set: no tag'],
    ['services: []', 'Expected a mapping with the services by name'],
    ['services: {a: {image: x', 'This is not valid YAML'],
  ])('refuses %s', (text, why) => expect(problemsOf(text)).toContain(why));

  it('refuses a file that unfolds without end', () => {
    expect(problemsOf('a: &a {<<: *a}\nservices: {x: {<<: *a, image: y}}\n')).toMatch(/nested too deep|more than/);
  });
});

describe('writeCompose', () => {
  it('writes what is read back as the same services, dollars too, and notes the rest', () => {
    const { services } = readCompose(
      'compose.yaml',
      `services:
  web:
    image: demo:1
    command: [sh, -c, 'echo $$HOME']
    environment: {PRICE: 5$$}
    ports: [{target: 80, published: 8080, app_protocol: http}]
    healthcheck: {test: [CMD, curl, -f, "http://localhost:80/ready"], interval: 3s, timeout: 1s, retries: 2}
    deploy: {replicas: 2, resources: {limits: {memory: 64m}}}
    volumes: ["data:/d:ro"]
    restart: unless-stopped
`,
      {},
    );
    const written = writeCompose({ services, secrets: [], configs: [], volumes: [] });
    expect(readCompose('exported.yaml', written.text, {}).services).toEqual(services);
    expect(services[0]?.command).toEqual(['sh', '-c', 'echo $HOME']);
    expect(written.notes.join('\n')).toContain('written as curl');
  });
});
