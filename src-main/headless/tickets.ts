/**
 * What lets an open panel come back after the host was restarted. The token in an address is
 * good for one start only, because addresses end up in histories and scrollbacks. A ticket is
 * given over a connection that is trusted already, is known to that panel alone, and is signed
 * with a key that stays: removing `<data>/panel.key` voids them all.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How long a panel may have been away. Each connection brings a new ticket. */
const ticketMs = 24 * 3_600_000;
const keyBytes = 32;

/** Reads the folder's key, or makes it: for the user only. */
export async function openTickets(dataFolder: string): Promise<Tickets> {
  const path = join(dataFolder, 'panel.key');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const existing = await readKey(path);
  if (existing !== null) return new Tickets(existing);
  const key = randomBytes(keyBytes);
  await writeFile(path, key, { mode: 0o600 });
  return new Tickets(key);
}

/** Issues and checks tickets under one key. */
export class Tickets {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** A new ticket: when it ends, something random, and the signature, as a subprotocol may be spelt. */
  issue(nowMs: number): string {
    const body = `${(nowMs + ticketMs).toString(36)}.${randomBytes(16).toString('base64url')}`;
    return `${body}.${this.#sign(body)}`;
  }

  /** Whether it was issued under this key and has not ended. */
  isValid(offered: string | null, nowMs: number): boolean {
    const parts = (offered ?? '').split('.');
    const [endsAt, nonce, signature] = parts;
    if (parts.length !== 3 || endsAt === undefined || nonce === undefined || signature === undefined) return false;
    const expected = Buffer.from(this.#sign(`${endsAt}.${nonce}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return Number.parseInt(endsAt, 36) > nowMs;
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
}

/** Null when there is none, or one that was cut: then earlier tickets are void. */
async function readKey(path: string): Promise<Buffer | null> {
  try {
    const key = await readFile(path);
    return key.length === keyBytes ? key : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
