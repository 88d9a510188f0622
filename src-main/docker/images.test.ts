// Images on a real engine: imported, built, found, tagged, removed; no registry is needed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineResult, ImageFacts, ImageProgress } from '../ports/engine.ts';
import { busyboxRoot, DockerFixture, expectOk, once, requireDocker } from './docker.fixture.ts';
import { fitsEngine } from './image-facts.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('images', () => {
  let docker: DockerFixture;
  let base: string;

  beforeAll(async () => {
    docker = await DockerFixture.open();
    base = await docker.image({ changes: ['LABEL part=base', 'EXPOSE 81 82/udp', 'CMD ["sh"]'] });
  });
  afterAll(() => docker?.removeAll());

  /** A tar of a build's context. */
  function context(files: Record<string, string>): Buffer {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-context-'));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return execFileSync('tar', ['--create', '--directory', folder, '.']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async function build(
    dockerfile: string,
    options: {
      files?: Record<string, string>;
      args?: Record<string, string>;
      target?: string;
      signal?: AbortSignal;
    } = {},
  ): Promise<{ built: EngineResult<ImageFacts>; lines: string[]; tag: string }> {
    const lines: string[] = [];
    const tag = `${docker.prefix}/built:${docker.name('v')}`;
    const built = await docker.engine.buildImage(
      {
        context: once(context({ Dockerfile: dockerfile, ...options.files })),
        dockerfile: 'Dockerfile',
        target: options.target ?? null,
        args: options.args ?? {},
        tag,
        labels: { built: 'yes', ...docker.labels },
      },
      ({ line }: ImageProgress) => lines.push(line ?? ''),
      options.signal ?? new AbortController().signal,
    );
    return { built, lines, tag };
  }

  it('are imported, found by name and digest, and listed', async () => {
    const { engine } = docker;
    const found = expectOk(await engine.findImage(base));
    expect(found).toMatchObject({ tags: [base], labels: { part: 'base' }, exposedPorts: [81], os: 'linux' });
    expect(found.sizeBytes).toBeGreaterThan(1_000_000);
    expect(Math.abs(Date.now() - found.createdAtMs)).toBeLessThan(600_000);
    expect(expectOk(await engine.findImage(found.digest))).toEqual(found);
    for (let time = 0; time < 2; time += 1) {
      expect(expectOk(await engine.listImages()).find(({ digest }) => digest === found.digest)).toEqual(found);
    }
    expect(await engine.findImage(`${docker.prefix}/none:1`)).toMatchObject({
      ok: false,
      error: { reason: 'no-such-image' },
    });
  });

  it('are known to fit this engine, or not', async () => {
    const { engine } = docker;
    if (engine.state.state !== 'ready') throw new Error('The engine is away.');
    const found = expectOk(await engine.findImage(base));
    expect(fitsEngine(found, engine.state)).toBe(true);
    expect(fitsEngine({ ...found, architecture: 's390x' }, engine.state)).toBe(false);
    expect(fitsEngine({ ...found, os: 'windows' }, engine.state)).toBe(false);
    expect(fitsEngine({ os: '', architecture: '' }, engine.state)).toBe(true);
  });

  it('are built from a tar, step by step', async () => {
    const { built, lines, tag } = await build(
      [
        `FROM ${base} AS first`,
        'ARG WHO',
        'COPY hello /hello',
        'RUN echo "for $WHO" >> /hello',
        'FROM first AS second',
        'RUN echo more >> /hello',
      ].join('\n'),
      { files: { hello: 'made\n' }, args: { WHO: 'ada' }, target: 'first' },
    );
    const image = expectOk(built);
    expect(image).toMatchObject({ tags: [tag], labels: { part: 'base', built: 'yes' } });
    expect(lines[0]).toMatch(/^Step 1\/\d+ : FROM/);
    const id = await docker.start({ image: image.digest });
    expect(expectOk(await docker.engine.run(id, ['cat', '/hello'])).output).toBe('made\nfor ada\n');
  });

  it('that cannot be built say why', async () => {
    const failing = await build(`FROM ${base}\nRUN echo trying && exit 3`);
    expect(failing.built).toMatchObject({
      ok: false,
      error: { reason: 'build-failed', detail: expect.stringContaining('returned a non-zero code: 3') },
    });
    expect(failing.lines).toContain('trying');
    expect((await build('FRO nothing')).built).toMatchObject({ ok: false, error: { reason: 'build-failed' } });
    expect((await build(`FROM ${base}\nCOPY nothing /x`)).built).toMatchObject({
      ok: false,
      error: { reason: 'build-failed', message: expect.stringContaining('nothing') },
    });
  });

  it('are no longer built when nobody wants them', async () => {
    const abort = new AbortController();
    const building = build(`FROM ${base}\nRUN sleep 60`, { signal: abort.signal });
    setTimeout(() => abort.abort(), 1_500);
    expect((await building).built).toMatchObject({
      ok: false,
      error: { reason: 'refused', message: expect.stringContaining('cancelled') },
    });
    // Nor does the engine go on with it: the step's container is gone.
    const steps = async (): Promise<number> => {
      const all = expectOk(await docker.engine.listContainers(docker.imageLabels));
      return all.filter(({ name }) => !name.startsWith(docker.prefix)).length;
    };
    for (let attempt = 0; attempt < 100 && (await steps()) > 0; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await steps()).toBe(0);
  });

  it('are refused by a registry that is not there, in words', async () => {
    const pulled = await docker.engine.pullImage('127.0.0.1:9/none/such:1', () => {}, new AbortController().signal);
    expect(pulled).toMatchObject({
      ok: false,
      error: { reason: 'refused', message: expect.stringMatching(/refused/) },
    });
  });

  it('have several names, of which the last one takes them along', async () => {
    const { engine } = docker;
    const first = `${docker.prefix}/named:1`;
    const second = `${docker.prefix}/named:2`;
    const image = expectOk(
      await engine.importImage(once(busyboxRoot({ '/etc/unique': docker.prefix })), { tag: first, changes: [] }),
    );
    expectOk(await engine.tagImage(first, second));
    expect([...expectOk(await engine.findImage(image.digest)).tags].sort()).toEqual([first, second]);
    expectOk(await engine.removeImage(first));
    expect(expectOk(await engine.findImage(second)).digest).toBe(image.digest);
    expectOk(await engine.removeImage(second));
    expectOk(await engine.removeImage(second));
    expect(await engine.findImage(image.digest)).toMatchObject({ ok: false, error: { reason: 'no-such-image' } });
  });

  it('stay while containers use them', async () => {
    const image = await docker.image();
    await docker.start({ image });
    expect(await docker.engine.removeImage(image)).toMatchObject({ ok: false, error: { reason: 'in-use' } });
  });

  it('count as disk use while nothing uses them', async () => {
    const { engine } = docker;
    const before = expectOk(await engine.diskUse());
    await docker.image({ files: { '/big': 'x'.repeat(3_000_000) } });
    const after = expectOk(await engine.diskUse());
    expect(after.images.count).toBeGreaterThan(0);
    expect(before.volumes.sizeBytes).toBeGreaterThanOrEqual(0);
    expect(after.containers.count).toBeGreaterThanOrEqual(0);
  });
});
