import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHostFile, removeHostFile, writeHostFile } from './host-file.ts';

let folder: string;
const published = { port: 4268, token: 'abc', pid: 7, url: 'http://127.0.0.1:4268/#t=abc' };

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'gantry-host-file-')), 'data');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

it('is for its user only, replaces what was there, and leaves nothing half written', async () => {
  await writeHostFile(folder, { ...published, token: 'old' });
  await writeHostFile(folder, published);
  expect(await readHostFile(folder)).toEqual(published);
  expect(await readdir(folder)).toEqual(['host.json']);
  if (process.platform !== 'win32') {
    expect((await stat(join(folder, 'host.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  }
});

it('is removed by who wrote it only', async () => {
  await writeHostFile(folder, published);
  await removeHostFile(folder, 'another');
  expect(await readHostFile(folder)).toEqual(published);
  await removeHostFile(folder, 'abc');
  expect(await readHostFile(folder)).toBeNull();
});

it('is as good as absent when it cannot be understood', async () => {
  await writeHostFile(folder, published);
  await writeFile(join(folder, 'host.json'), '{"port": 1');
  expect(await readHostFile(folder)).toBeNull();
  await writeFile(join(folder, 'host.json'), '{"port": "x"}');
  expect(await readHostFile(folder)).toBeNull();
});
