import { safeStorage } from 'electron';
import type { TextSealer } from '#main/ports/text-sealer.ts';

/** Windows seals for the account that is signed in. Elsewhere there is a keychain that every program can ask. Null there. */
export function windowsSealer(): TextSealer | null {
  if (process.platform !== 'win32' || !safeStorage.isEncryptionAvailable()) return null;
  return {
    name: 'the keychain of this Windows account',
    seal: (text) => safeStorage.encryptString(text),
    open: (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
  };
}
