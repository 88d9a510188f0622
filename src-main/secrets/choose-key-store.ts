/**
 * Where master keys are kept: in the system's keychain where there is one that answers, else in the
 * file. Keys that are in the file move. None is ever lost: they are written, read back, and only
 * then removed from where they were.
 */
import { GantryError } from '#shared/contract/error.ts';
import type { Log } from '../ports/log.ts';
import type { KeyFile } from './key-file.ts';
import { type KeyStore, openKeyRing, uniteRings } from './key-ring.ts';

/**
 * The store to open the ring with. Throws a `GantryError` when the keys are in a keychain that does
 * not answer or does not have them any more: new ones would shut out what is sealed with them.
 */
export async function chooseKeyStore(file: KeyFile, keychain: KeyStore | null, log: Log): Promise<KeyStore> {
  const movedTo = await file.movedTo();
  if (keychain === null) {
    if (movedTo === null) return file;
    throw new GantryError(
      'unavailable',
      `The master keys are in ${movedTo}, which cannot be reached from here. Nothing was lost: start Gantry as it was when they were put there. Services that need no secrets are not affected.`,
    );
  }
  const there = await read(keychain, movedTo, log);
  if (there.kind === 'silent') return file;
  if (movedTo === null && there.text === null && (await file.read()) === null) await openKeyRing(file);
  const kept = await file.read();
  if (kept !== null) return move(file, kept, keychain, there.text, log);
  if (there.text !== null) return keychain;
  throw new GantryError(
    'unavailable',
    `The master keys were moved to ${keychain.keptIn}, which does not have them any more. Put its item “Gantry” back, from a backup of the system for instance; until then no secret can be read. Services that need none are not affected.`,
  );
}

async function read(
  keychain: KeyStore,
  movedTo: string | null,
  log: Log,
): Promise<{ readonly kind: 'silent' } | { readonly kind: 'answer'; readonly text: string | null }> {
  try {
    return { kind: 'answer', text: await keychain.read() };
  } catch (error) {
    if (movedTo !== null) throw error;
    log.info('no keychain answers; master keys are kept in a file', { why: String(error) });
    return { kind: 'silent' };
  }
}

/** A kill in between leaves them in both places, and the next start moves them again. */
async function move(
  file: KeyFile,
  kept: string,
  keychain: KeyStore,
  there: string | null,
  log: Log,
): Promise<KeyStore> {
  const all =
    there === null ? kept : uniteRings({ text: there, keptIn: keychain.keptIn }, { text: kept, keptIn: file.keptIn });
  try {
    if (all !== there) await keychain.write(all);
    if ((await keychain.read()) !== all) throw new Error('it gave back something else than it was given');
  } catch (error) {
    log.warn('master keys stay in their file: the keychain does not take them', { why: String(error) });
    if (all !== kept) await file.write(all);
    return file;
  }
  await file.noteMove(keychain.keptIn);
  await file.remove();
  log.info('master keys were moved', { to: keychain.keptIn });
  return keychain;
}
