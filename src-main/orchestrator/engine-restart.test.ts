// The engine goes away in the midst of everything, with and without the app, and comes back.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { type OwnEngine, requireOwnEngine } from '../docker/own-engine.fixture.ts';
import type { Harbour } from './harbour.fixture.ts';
import type { NearClient } from './near-client.fixture.ts';
import { OwnHarbour } from './own-harbour.fixture.ts';

const problem = requireOwnEngine();
type Strategy = 'rolling' | 'blue-green' | 'canary';
const awayMs = 1_000;
const secret = 'correct horse battery staple';

// Not all twelve: each signal and each thing that the app does meets at least two strategies.
const cases: Record<
  'SIGKILL' | 'SIGTERM',
  { readonly strategy: Strategy; readonly app: 'stays' | 'is back first' | 'is back last' }[]
> = {
  SIGKILL: [
    { strategy: 'rolling', app: 'stays' },
    { strategy: 'blue-green', app: 'is back first' },
    { strategy: 'canary', app: 'is back first' },
  ],
  SIGTERM: [
    { strategy: 'rolling', app: 'is back last' },
    { strategy: 'blue-green', app: 'stays' },
    { strategy: 'canary', app: 'is back last' },
  ],
};

const signals = ['SIGKILL', 'SIGTERM'] as const;
// At the same time, each on an engine of its own: most of it is waiting.
const suites = { concurrent: true, timeout: 180_000 };
const inTurn = { concurrent: false };

describe.skipIf(problem !== null).each(signals)('an engine that ends by %s', suites, (signal) => {
  let ground: OwnHarbour;
  let own: OwnEngine;
  let harbour: Harbour;
  let client: NearClient;
  /** Where a replica leaves a file when it has to start without its secret. */
  let complaints: string;
  const images = new Map<string, string>();

  beforeAll(async () => {
    ground = await OwnHarbour.open();
    ({ own, harbour, client } = ground);
    complaints = join(own.folder, 'complaints');
    mkdirSync(complaints, { mode: 0o777 });
    for (const version of ['one', 'two']) images.set(version, await vaultedImage(version));
    await harbour.orchestrator.secrets.put(harbour.projectId, 'password', Buffer.from(secret));
  }, 120_000);
  afterAll(() => ground?.dispose(), 60_000);

  // None meets what another one's engine left behind.
  afterEach(async () => {
    await own.startAfresh();
    await harbour.restart();
  }, 60_000);

  /** Answers its version at `/` and its secret at `/cgi-bin/secret`, and does not go without it. */
  function vaultedImage(version: string): Promise<string> {
    return harbour.docker.image({
      files: {
        '/www/index.html': version,
        '/www/healthz': 'ok',
        '/www/cgi-bin/secret': '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\ncat /run/secrets/password\n',
        '/bin/serve': `#!/bin/sh
if [ ! -s /run/secrets/password ]; then touch "/complaints/$(hostname)-${version}"; exit 9; fi
trap "exit 0" TERM
httpd -f -p 8080 -h /www &
wait
`,
      },
      changes: ['CMD ["/bin/serve"]', 'EXPOSE 8080'],
    });
  }

  function spec(name: string, version: string, update: ServiceSpecInput['update']) {
    return harbour.spec(name, images.get(version) ?? '', {
      mode: { kind: 'replicated', replicas: 3 },
      secrets: [{ secret: 'password' }],
      mounts: [{ kind: 'bind', source: complaints, target: '/complaints', readOnly: false }],
      update,
    });
  }

  const failures = (name: string) =>
    harbour.store.read
      .rollouts(harbour.id(name))
      .flatMap(({ decisions }) => decisions.filter(({ verdict }) => verdict === 'failed').map(({ detail }) => detail));
  const newOnes = (name: string) => harbour.view(name).replicas.filter((each) => each.revision === 2);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const stageOf = (name: string) => harbour.view(name).rollout?.rollout.stage.name;

  /** Each is in its midst for a while. */
  const updates: Record<Strategy, ServiceSpecInput['update']> = {
    rolling: { strategy: 'rolling', parallelism: 1, delayMs: 1_000 },
    'blue-green': { strategy: 'blue-green', keepPreviousMs: 0 },
    canary: { strategy: 'canary', canarySteps: [{ weightPercent: 50, holdMs: 2_000 }], keepPreviousMs: 0 },
  };

  /** Where a rollout is in its midst: some of the new is there, some of the old still serves. */
  const midst: Record<Strategy, (name: string) => boolean> = {
    rolling: (name) => newOnes(name).some((each) => each.state === 'healthy') && stageOf(name) === 'replacing',
    'blue-green': (name) => stageOf(name) === 'starting' && newOnes(name).length > 0,
    canary: (name) => stageOf(name) === 'shifting',
  };

  /** Nothing is mixed: whichever revision it is, all is of it, answers and has its secret. */
  async function expectWhole(name: string, version: string): Promise<void> {
    await harbour.until(`${name} is whole`, () => {
      const { status, replicas } = harbour.view(name);
      return status === 'healthy' && replicas.length === 3 && replicas.every((each) => each.state === 'healthy');
    });
    const view = harbour.view(name);
    expect(new Set(view.replicas.map((each) => each.revision))).toEqual(new Set([view.servingRevision]));
    for (let count = 0; count < 9; count += 1) {
      expect(await client.get(harbour.url(name))).toEqual({ status: 200, text: version });
      expect(await client.get(harbour.url(name, '/cgi-bin/secret'))).toEqual({ status: 200, text: secret });
    }
    expect(readdirSync(complaints)).toEqual([]);
  }

  async function remove(name: string): Promise<void> {
    await harbour.orchestrator.services.remove(harbour.id(name));
    await harbour.until(`${name} is gone`, () => harbour.store.read.service(harbour.id(name)) === null);
  }

  it.each(cases[signal])('in the midst of a rollout: $strategy, the app $app', inTurn, async ({ strategy, app }) => {
    const name = strategy;
    const first = await harbour.rollOut(spec(name, 'one', { monitorMs: 0 }));
    expect(first.stage).toMatchObject({ outcome: 'succeeded' });
    const { serviceId } = await harbour.deploy(spec(name, 'two', updates[strategy]));
    await harbour.until('it is in its midst', () => midst[strategy](name));
    if (app !== 'stays') harbour.orchestrator.dispose();
    await own.end(signal);
    if (app === 'is back first') await harbour.restart();
    if (app !== 'is back last') {
      await harbour.until('it is known to be away', () => harbour.view(name).status === 'stale');
      await pause(awayMs);
      // Nothing is decided while nobody knows what runs.
      expect(harbour.view(name).status).toBe('stale');
    }
    expect(harbour.store.read.service(serviceId)).toMatchObject({ servingRevision: 1 });
    expect(harbour.store.read.service(serviceId)?.rolloutId).not.toBeNull();
    await own.startAgain();
    if (app === 'is back last') await harbour.restart();
    const rollout = await harbour.settled(serviceId);
    expect(rollout.stage).toMatchObject({ outcome: 'succeeded' });
    // An engine that was killed can leave a container behind that it knows no more, on an address that it
    // gives away again: whoever gets it is not reached, and the rollout goes back.
    const isBack = signal === 'SIGKILL' && rollout.kind === 'auto-rollback';
    // What ended with its engine has not failed.
    if (!isBack) expect(failures(name)).toEqual([]);
    expect(rollout).toMatchObject(isBack ? { toRevision: 1 } : { toRevision: 2, kind: 'deploy' });
    await expectWhole(name, isBack ? 'one' : 'two');
    await remove(name);
  });
});
