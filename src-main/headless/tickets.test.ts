import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTickets } from './tickets.ts';

let folder: string;
const nowMs = 1_800_000_000_000;
const dayMs = 24 * 3_600_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-tickets-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('is good for a day, over restarts, in its own folder', async () => {
  const ticket = (await openTickets(folder)).issue(nowMs);
  expect(ticket).toMatch(/^[A-Za-z0-9._-]+$/);
  const restarted = await openTickets(folder);
  expect(restarted.isValid(ticket, nowMs)).toBe(true);
  expect(restarted.isValid(ticket, nowMs + dayMs - 1)).toBe(true);
  expect(restarted.isValid(ticket, nowMs + dayMs)).toBe(false);
  const elsewhere = await openTickets(join(folder, 'other'));
  expect(elsewhere.isValid(ticket, nowMs)).toBe(false);
});

it('is never the same twice, and nothing but what was issued', async () => {
  const tickets = await openTickets(folder);
  const ticket = tickets.issue(nowMs);
  expect(tickets.issue(nowMs)).not.toBe(ticket);
  const [endsAt = '', nonce = '', signature = ''] = ticket.split('.');
  const later = (Number.parseInt(endsAt, 36) + 1).toString(36);
  const forged = [
    `${later}.${nonce}.${signature}`,
    `${endsAt}.x${nonce}.${signature}`,
    `${endsAt}.${nonce}`,
    `${ticket}.x`,
    `${ticket}x`,
  ];
  for (const other of [...forged, '', '..', null]) expect(tickets.isValid(other, nowMs)).toBe(false);
});

it('keeps its key to the user, and makes another when that was damaged', async () => {
  const ticket = (await openTickets(folder)).issue(nowMs);
  const path = join(folder, 'panel.key');
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, 'cut');
  expect((await openTickets(folder)).isValid(ticket, nowMs)).toBe(false);
});
