import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ok } from '#shared/base/result.ts';
import type { ContainerEngine, EngineState, ImageFacts } from '../ports/engine.ts';
import type { Log } from '../ports/log.ts';
import { debianRoot } from './debian-root.ts';
import { edgeImage, EdgeImage } from './edge-image.ts';
import { refuse } from './edge-refusal.ts';
import { ManualClock, settle } from './manual-clock.fixture.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

interface Surroundings {
  readonly architecture?: string;
  readonly hasImage?: boolean;
  readonly registry?: 'refuses' | 'silent' | 'answers';
}

/** An engine that has nothing but what images are about, and remembers what it was asked for. */
function setUp({ architecture = 'sparc', hasImage = false, registry = 'refuses' }: Surroundings) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const engine = {
    state: { state: 'ready', architecture } as EngineState,
    findImage: async () => (hasImage ? ok({} as ImageFacts) : refuse<ImageFacts>('no-such-image', 'no such image')),
    pullImage: (reference: string, onProgress: (progress: { phase: string }) => void, signal: AbortSignal) => {
      asked.push(`pull ${reference}`);
      if (registry === 'refuses') return Promise.resolve(refuse('unreachable', 'No registry answers.'));
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(refuse('timeout', 'The registry did not answer.')));
        if (registry !== 'answers') return;
        onProgress({ phase: 'Pulling' });
        clock.after(60_000, () => resolve(ok({} as ImageFacts)));
      });
    },
    tagImage: async (reference: string, tag: string) => {
      asked.push(`tag ${reference} ${tag}`);
      return ok(null);
    },
    importImage: async (_root: AsyncIterable<Uint8Array>, { tag }: { tag: string }) => {
      asked.push(`import ${tag}`);
      return ok({} as ImageFacts);
    },
  } as unknown as ContainerEngine;
  return { image: new EdgeImage({ engine, clock, log: silent }), asked, clock };
}

it('takes the image that is there', async () => {
  const { image, asked } = setUp({ hasImage: true });
  expect(await image.prepare(() => undefined)).toEqual(ok({ image: edgeImage }));
  expect(asked).toEqual([]);
});

it('pulls HAProxy’s own image where a registry answers, however long that takes, once for all who ask', async () => {
  const { image, asked, clock } = setUp({ registry: 'answers' });
  const lines: string[] = [];
  const both = Promise.all([image.prepare((line) => lines.push(line)), image.prepare(() => undefined)]);
  await settle();
  await clock.pass(60_000);
  expect(await both).toEqual([ok({ image: edgeImage }), ok({ image: edgeImage })]);
  const official = 'docker.io/library/haproxy:2.8-alpine';
  expect(asked).toEqual([`pull ${official}`, `tag ${official} ${edgeImage}`]);
  expect(lines).toEqual([`${official}: Pulling`]);
  expect(clock.waiting).toBe(0);
});

it('gives up on a registry that says nothing, and says what can be done when there is no other way', async () => {
  const { image, clock } = setUp({ registry: 'silent' });
  const prepared = image.prepare(() => undefined);
  await settle();
  await clock.pass(8_000);
  const refused = await prepared;
  expect(refused).toMatchObject({ ok: false, error: { reason: 'no-such-image' } });
  const message = refused.ok ? '' : refused.error.message;
  expect(message).toContain('The registry did not answer.');
  expect(message).toContain('The engine runs on sparc, this machine on');
  expect(message).toContain('install the packages haproxy and busybox-static');
});

const isInstalled = existsSync('/usr/sbin/haproxy') && existsSync('/bin/busybox');
if (!isInstalled) {
  if (process.env['CI'] === 'true') throw new Error('haproxy and busybox-static are not installed');
  console.log('Skipped: an image from Debian’s packages. haproxy and busybox-static are not installed.');
}

describe.skipIf(!isInstalled)('a root of Debian’s packages', () => {
  it('has HAProxy with all that it loads, a shell, and what a container is looked into with', async () => {
    const root = await debianRoot(null, () => undefined);
    if (!root.ok) throw new Error(root.error);
    const listed = execFileSync('tar', ['-tf', '-'], { input: root.value, encoding: 'utf8', maxBuffer: 1e8 }).split(
      '\n',
    );
    for (const path of [
      'usr/sbin/haproxy',
      'bin/busybox',
      'bin/sh',
      'bin/nc',
      'bin/tar',
      'bin/cmp',
      'bin/sleep',
      'tmp/',
    ]) {
      expect(listed).toContain(path);
    }
    for (const library of [/\/libc\.so\.6$/, /\/libssl\.so/, /\/libgcc_s\.so\.1$/, /\/ld-linux[^/]*\.so/]) {
      expect(listed.filter((path) => library.test(path))).toHaveLength(1);
    }
  });

  it('is imported where no registry answers', async () => {
    const here = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64'] ?? process.arch;
    const { image, asked } = setUp({ architecture: here });
    expect(await image.prepare(() => undefined)).toEqual(ok({ image: edgeImage }));
    expect(asked).toEqual(['pull docker.io/library/haproxy:2.8-alpine', `import ${edgeImage}`]);
  });
});
