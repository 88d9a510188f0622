import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutputLog } from './output-log.ts';

const limits = { segmentBytes: 10, segmentsMax: 3 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-output-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function readFrom(log: OutputLog, fromByte: number): string {
  let text = '';
  for (let at = fromByte; at < log.endByte; ) {
    const piece = log.read(at, 7, false);
    text += Buffer.from(piece.bytes).toString();
    at = piece.fromByte + piece.bytes.byteLength;
  }
  return text;
}

it('keeps positions true over files', () => {
  const log = new OutputLog(folder, limits);
  log.write(Buffer.from('abcdefgh'));
  log.write(Buffer.from('ijklmnop'));
  expect(readFrom(log, 0)).toBe('abcdefghijklmnop');
  expect(readFrom(log, 9)).toBe('jklmnop');
  log.close();
});

it('keeps the newest files and says from where', () => {
  const log = new OutputLog(folder, limits);
  for (let digit = 0; digit < 10; digit += 1) log.write(Buffer.from(String(digit).repeat(10)));
  expect(readdirSync(folder).sort()).toEqual(['output-7.log', 'output-8.log', 'output-9.log']);
  expect(log.endByte).toBe(100);
  expect(log.keptBytes).toBe(30);
  expect(log.read(0, 5, true)).toMatchObject({ fromByte: 70, endByte: 100, ended: true });
  expect(readFrom(log, 70)).toBe('7'.repeat(10) + '8'.repeat(10) + '9'.repeat(10));
  expect(log.read(500, 5, false)).toMatchObject({ fromByte: 100, endByte: 100 });
  log.close();
});

it('goes on where an earlier worker stopped', () => {
  const first = new OutputLog(folder, limits);
  first.write(Buffer.from('0123456789abc'));
  first.close();
  const second = new OutputLog(folder, limits);
  expect(second.endByte).toBe(13);
  second.write(Buffer.from('def'));
  expect(readFrom(second, 0)).toBe('0123456789abcdef');
  second.close();
});
