// The engine's disk is full: what needs room is refused with that reason, and what runs goes on.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import type { ServiceSpecInput } from '#shared/model/service-spec.ts';
import { busyboxRoot, once } from '../docker/docker.fixture.ts';
import { type OwnEngine, requireOwnEngine } from '../docker/own-engine.fixture.ts';
import { tarOf } from '../platform/tar.ts';
import { type Harbour, noCode } from './harbour.fixture.ts';
import type { NearClient } from './near-client.fixture.ts';
import { OwnHarbour } from './own-harbour.fixture.ts';

const problem = requireOwnEngine();
const diskBytes = 160 * 1_024 * 1_024;
const freeBytes = 1_024 * 1_024;
const bigBytes = 8 * 1_024 * 1_024;
const full = 'The engine’s disk is full. Remove images, volumes or build caches that are not needed.';

describe.skipIf(problem !== null)('a full disk', { timeout: 120_000 }, () => {
  let ground: OwnHarbour;
  let own: OwnEngine;
  let harbour: Harbour;
  let client: NearClient;
  let image: string;
  let replicas: readonly string[];

  /** A context whose Dockerfile adds more than there is room for. */
  const contextOf = (base: string) =>
    tarOf([
      { path: 'Dockerfile', bytes: Buffer.from(`FROM ${base}\nCOPY big /big\n`), mode: 0o644 },
      { path: 'big', bytes: new Uint8Array(bigBytes), mode: 0o644 },
    ]);

  beforeAll(async () => {
    ground = await OwnHarbour.open({
      diskBytes,
      code: { ...noCode, archive: async () => ok(once(contextOf(image))) },
    });
    ({ own, harbour, client } = ground);
    image = await harbour.docker.webImage('one');
    const served = await harbour.rollOut(spec());
    expect(served.stage).toMatchObject({ outcome: 'succeeded' });
    replicas = ids();
    const file = join(own.folder, 'data', 'filling');
    own.run('sh', ['-c', `dd if=/dev/zero of=${file} bs=64k 2>/dev/null; truncate -s -${freeBytes} ${file}`]);
  }, 120_000);
  afterAll(() => ground?.dispose(), 60_000);

  const spec = (rest: Partial<ServiceSpecInput> = {}) =>
    harbour.spec('web', image, { mode: { kind: 'replicated', replicas: 2 }, ...rest });
  const ids = () => harbour.view('web').replicas.map((each) => each.containerId);

  async function expectUntouched(): Promise<void> {
    expect(ids()).toEqual(replicas);
    expect(harbour.view('web')).toMatchObject({ status: 'healthy', servingRevision: 1 });
    expect(await client.get(harbour.url('web'))).toEqual({ status: 200, text: 'one' });
  }

  it('ends a build with its reason before anything that runs is touched', async () => {
    const built = spec({ image: { kind: 'build', context: '.' } });
    await harbour.rollOut(built);
    const rollout = harbour.store.read.rollouts(harbour.id('web')).find(({ toRevision }) => toRevision === 2);
    expect(rollout?.stage).toMatchObject({ name: 'ended', outcome: 'failed', detail: full });
    expect(rollout?.decisions).toMatchObject([{ gate: 'image', verdict: 'failed', detail: full }]);
    await expectUntouched();
  });

  it('ends an import with its reason', async () => {
    const root = busyboxRoot({ '/big': 'x'.repeat(bigBytes) });
    const imported = await harbour.docker.engine.importImage(once(root), {
      tag: harbour.docker.name('big'),
      changes: [],
    });
    expect(imported).toMatchObject({ ok: false, error: { reason: 'disk-full', message: full } });
    await expectUntouched();
  });

  it('is no reason for anything once there is room again', async () => {
    own.run('rm', [join(own.folder, 'data', 'filling')]);
    const built = spec({ image: { kind: 'build', context: '.' }, env: { AGAIN: '1' } });
    expect(await harbour.rollOut(built)).toMatchObject({ toRevision: 3, stage: { outcome: 'succeeded' } });
    expect(await client.get(harbour.url('web'))).toEqual({ status: 200, text: 'one' });
  });
});
