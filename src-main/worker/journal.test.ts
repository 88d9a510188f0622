import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import { Journal } from './journal.ts';
import { JournalCursor } from './journal-cursor.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-journal-'));
  path = join(folder, 'journal.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(afterSeq: number, journalBytes: number): Promise<JournalEntry[]> {
  const cursor = new JournalCursor(path, afterSeq);
  const entries: JournalEntry[] = [];
  while (cursor.isBehind(journalBytes)) entries.push(...(await cursor.read(journalBytes)));
  await cursor.close();
  return entries;
}

it('numbers entries without gaps and reads them from any place', async () => {
  const journal = new Journal(path);
  for (let count = 0; count < 100; count += 1) journal.append({ type: 'raw', line: `line ${count}` }, count);
  expect((await readAll(0, journal.bytes)).map((entry) => entry.seq)).toEqual(
    Array.from({ length: 100 }, (_, at) => at + 1),
  );
  expect((await readAll(97, journal.bytes)).map((entry) => entry.seq)).toEqual([98, 99, 100]);
  expect(await readAll(100, journal.bytes)).toEqual([]);
  journal.close();
});

it('reads entries that are larger than a piece', async () => {
  const journal = new Journal(path);
  const line = 'ä'.repeat(300_000);
  journal.append({ type: 'raw', line: 'before' }, 1);
  journal.append({ type: 'raw', line }, 2);
  journal.append({ type: 'raw', line: 'after' }, 3);
  const entries = await readAll(0, journal.bytes);
  expect(entries.map((entry) => entry.event)).toEqual(
    ['before', line, 'after'].map((text) => ({ type: 'raw', line: text })),
  );
  journal.close();
});

it.each(['{"seq":3,"atMs":1,"event":{"type":"ra', '\u0000\u0000\u0000\n', '{"seq":3}\n'])(
  'cuts off what a crash tore and goes on: %j',
  async (torn) => {
    const first = new Journal(path);
    first.append({ type: 'raw', line: 'one' }, 1);
    first.append({ type: 'raw', line: 'two' }, 2);
    const whole = first.bytes;
    first.close();
    appendFileSync(path, torn);
    const again = new Journal(path);
    expect(again.bytes).toBe(whole);
    expect(again.append({ type: 'raw', line: 'three' }, 3).seq).toBe(3);
    expect((await readAll(0, again.bytes)).map((entry) => entry.seq)).toEqual([1, 2, 3]);
    again.close();
  },
);
