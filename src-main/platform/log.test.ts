import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLog } from './log.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-log-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function linesOf(name = 'gantry.log'): Record<string, unknown>[] {
  return readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with time, level, message and the fields of all its parents', () => {
  const log = openLog({ folder, level: 'info' });
  log.child({ component: 'git' }).child({ correlationId: 'c1' }).info('opened', { path: '/r' });
  log.debug('not written at this level');
  log.dispose();
  expect(linesOf()).toEqual([
    {
      level: 'info',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      component: 'git',
      correlationId: 'c1',
      path: '/r',
      message: 'opened',
    },
  ]);
});

test('a field that a parent has too is written once, as the child says it', () => {
  const log = openLog({ folder, level: 'info' });
  log.child({ component: 'raft', node: 'node-1' }).child({ component: 'node' }).info('began', { node: 'node-2' });
  log.dispose();
  const line = readFileSync(join(folder, 'gantry.log'), 'utf8');
  expect(line.match(/"(component|node)":/g)).toEqual(['"component":', '"node":']);
  expect(JSON.parse(line)).toMatchObject({ component: 'node', node: 'node-2' });
});

test('an error is written with its message and stack', () => {
  const log = openLog({ folder, level: 'info' });
  log.error('broke', { error: new Error('no space') });
  log.dispose();
  expect(linesOf()[0]?.['error']).toMatchObject({
    message: 'no space',
    stack: expect.stringContaining('log.test') as string,
  });
});

test('warnings and errors are echoed as short lines, the rest is not', () => {
  const echoed: string[] = [];
  const log = openLog({ folder, level: 'debug', echo: (line) => echoed.push(line) });
  log.info('quiet');
  log.child({ component: 'git' }).warn('slow', { error: new Error('locked') });
  log.dispose();
  expect(echoed).toEqual(['warn   git: slow (locked)\n']);
});

test('the log rotates by size and keeps four files, each line whole', () => {
  const log = openLog({ folder, level: 'info', sizeBytesMax: 1_000 });
  for (let count = 0; count < 100; count += 1) log.info('x'.repeat(100), { count });
  log.dispose();
  const names = readdirSync(folder).sort();
  expect(names).toEqual(['gantry.log', 'gantry.log.1', 'gantry.log.2', 'gantry.log.3']);
  const counts = ['gantry.log.3', 'gantry.log.2', 'gantry.log.1', 'gantry.log'].flatMap((name) =>
    linesOf(name).map((line) => line['count']),
  );
  expect(counts.at(-1)).toBe(99);
  expect(counts).toEqual(counts.map((_, index) => 100 - counts.length + index));
});

test('a log that is opened again goes on where it was', () => {
  for (const message of ['first', 'second']) {
    const log = openLog({ folder, level: 'info' });
    log.info(message);
    log.dispose();
  }
  expect(linesOf().map((line) => line['message'])).toEqual(['first', 'second']);
});

test('a disposed log drops lines instead of failing', () => {
  const log = openLog({ folder, level: 'info' });
  log.dispose();
  log.info('too late');
  expect(readFileSync(join(folder, 'gantry.log'), 'utf8')).toBe('');
});
