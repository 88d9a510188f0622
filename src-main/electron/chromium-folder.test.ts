import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { makeChromiumFolder } from './chromium-folder.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gantry-chromium-'));
});

afterEach(() => rmSync(root, { recursive: true }));

it('is made for this user alone, and found again', () => {
  const home = join(root, 'not', 'yet', 'there');
  const folder = makeChromiumFolder(home);
  expect(folder).toBe(join(home, 'electron'));
  if (process.platform !== 'win32') expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(makeChromiumFolder(home)).toBe(folder);
});

it('says in words what is wrong with the data folder', () => {
  const home = join(root, 'file');
  writeFileSync(home, '');
  expect(() => makeChromiumFolder(home)).toThrow(GantryError);
  expect(() => makeChromiumFolder(home)).toThrow(`${home} is not a folder. Choose another one with GANTRY_HOME.`);
});
