/**
 * The master keys of this installation, newest last. They are kept by a `KeyStore`: the system's
 * keychain where the app has one, else a file that only its owner can read.
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { assertDefined } from '#shared/base/assert.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';

const keyBytes = 32;
const idChars = 12;

/** Where a ring's text is kept. */
export interface KeyStore {
  /** For people: "the system's keychain", a path. */
  readonly keptIn: string;
  /** Null when nothing was ever kept. Throws a `GantryError` when what is kept cannot be read. */
  read(): Promise<string | null>;
  /** Durable when it resolves. */
  write(text: string): Promise<void>;
}

/** One master key. Its id is a hash of it, so that a key under a wrong name is noticed. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The opened ring. */
export interface KeyRing {
  readonly keptIn: string;
  readonly newest: MasterKey;
  key(id: string): MasterKey | null;
  /** Adds a new key, kept before it is used. */
  add(): Promise<Result<{ keyId: string }, GantryError>>;
  forgetOld(): Promise<void>;
}

const ringSchema = z.object({
  version: z.literal(1),
  keys: z.array(z.object({ id: z.string(), key: z.string() })).min(1),
});

/** Opens the ring; the first time it makes its first key. */
export async function openKeyRing(store: KeyStore): Promise<KeyRing> {
  const text = await store.read();
  let keys = text === null ? [] : parse(text, store.keptIn);
  const keep = (next: readonly MasterKey[]): Promise<void> => store.write(textOf(next));
  if (keys.length === 0) {
    const first = [newKey()];
    await keep(first);
    keys = first;
  }
  return {
    keptIn: store.keptIn,
    get newest() {
      return assertDefined(keys.at(-1), 'a ring has a key');
    },
    key: (id) => keys.find((key) => key.id === id) ?? null,
    async add() {
      const next = [...keys, newKey()];
      try {
        await keep(next);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return fail(
          new GantryError(
            'unavailable',
            `No new master key could be kept in ${store.keptIn}: ${why}. The old one stays in use.`,
          ),
        );
      }
      keys = next;
      return ok({ keyId: assertDefined(keys.at(-1), 'a ring has a key').id });
    },
    async forgetOld() {
      const next = keys.slice(-1);
      await keep(next);
      keys = next;
    },
  };
}

/** All keys of both, those of `newer` last. */
export function uniteRings(
  older: { readonly text: string; readonly keptIn: string },
  newer: { readonly text: string; readonly keptIn: string },
): string {
  const last = parse(newer.text, newer.keptIn);
  const first = parse(older.text, older.keptIn).filter(({ id }) => last.every((key) => key.id !== id));
  return textOf([...first, ...last]);
}

function textOf(keys: readonly MasterKey[]): string {
  return JSON.stringify({ version: 1, keys: keys.map(({ id, bytes }) => ({ id, key: bytes.toString('base64') })) });
}

function newKey(): MasterKey {
  const bytes = randomBytes(keyBytes);
  return { id: idOf(bytes), bytes };
}

function idOf(bytes: Buffer): string {
  return createHash('sha256').update('gantry master key').update(bytes).digest('hex').slice(0, idChars);
}

function parse(text: string, keptIn: string): MasterKey[] {
  const parsed = ringSchema.safeParse(safeJson(text));
  const keys = parsed.success ? parsed.data.keys.map(({ id, key }) => ({ id, bytes: Buffer.from(key, 'base64') })) : [];
  if (keys.length === 0 || keys.some(({ id, bytes }) => bytes.length !== keyBytes || idOf(bytes) !== id)) {
    throw new GantryError(
      'unavailable',
      `The master keys in ${keptIn} are damaged, so secrets cannot be read. Nothing was changed: put the file back from a backup, or move it away and set all secrets anew.`,
    );
  }
  return keys;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
