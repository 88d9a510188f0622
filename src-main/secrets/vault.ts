/**
 * Envelope encryption with AES-256-GCM (NIST SP 800-38D): each value has a data key of its own,
 * which is wrapped by the newest master key. Rotating the master key wraps data keys anew; values
 * are not touched. What is sealed is bound to its place by nothing but its keys: a tampered byte
 * anywhere fails the tag.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { SealedValue } from '#shared/model/service-resource.ts';
import type { SecretVault } from '../ports/secrets.ts';
import type { KeyRing, MasterKey } from './key-ring.ts';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
/** As recommended for GCM; random, and every key encrypts few values. */
const ivBytes = 12;
const tagBytes = 16;

interface Encrypted {
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly bytes: Buffer;
}

/** The vault on a ring of master keys. */
export function openVault(ring: KeyRing): SecretVault {
  const unwrap = (sealed: SealedValue): Result<Buffer, GantryError> => {
    const master = ring.key(sealed.keyId);
    if (master === null) {
      return fail(
        new GantryError(
          'unavailable',
          `This secret is sealed with the master key ${sealed.keyId}, which is not in ${ring.keptIn}. Nothing was lost: put that key back, or set the secret anew.`,
        ),
      );
    }
    const wrapped = Buffer.from(sealed.wrappedKey, 'base64');
    const dataKey = decrypt(master.bytes, {
      iv: wrapped.subarray(0, ivBytes),
      tag: wrapped.subarray(ivBytes, ivBytes + tagBytes),
      bytes: wrapped.subarray(ivBytes + tagBytes),
    });
    return dataKey === null ? fail(tampered()) : ok(dataKey);
  };
  const seal = (plain: Uint8Array): SealedValue => {
    const dataKey = randomBytes(keyBytes);
    const value = encrypt(dataKey, plain);
    const sealed = {
      ...wrap(ring.newest, dataKey),
      iv: value.iv.toString('base64'),
      tag: value.tag.toString('base64'),
      ciphertext: value.bytes.toString('base64'),
    };
    dataKey.fill(0);
    return sealed;
  };
  return {
    get keyId() {
      return ring.newest.id;
    },
    get keptIn() {
      return ring.keptIn;
    },
    seal,
    open(sealed) {
      const dataKey = unwrap(sealed);
      if (!dataKey.ok) return dataKey;
      const plain = decrypt(dataKey.value, {
        iv: Buffer.from(sealed.iv, 'base64'),
        tag: Buffer.from(sealed.tag, 'base64'),
        bytes: Buffer.from(sealed.ciphertext, 'base64'),
      });
      dataKey.value.fill(0);
      return plain === null ? fail(tampered()) : ok(plain);
    },
    rewrap(sealed) {
      const dataKey = unwrap(sealed);
      if (!dataKey.ok) return dataKey;
      const rewrapped = { ...sealed, ...wrap(ring.newest, dataKey.value) };
      dataKey.value.fill(0);
      return ok(rewrapped);
    },
    rotate: () => ring.add(),
    forgetOldKeys: () => ring.forgetOld(),
  };
}

function wrap(master: MasterKey, dataKey: Buffer): Pick<SealedValue, 'keyId' | 'wrappedKey'> {
  const { iv, tag, bytes } = encrypt(master.bytes, dataKey);
  return { keyId: master.id, wrappedKey: Buffer.concat([iv, tag, bytes]).toString('base64') };
}

function encrypt(key: Buffer, plain: Uint8Array): Encrypted {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv, tag: cipher.getAuthTag(), bytes };
}

/** Null when anything of it was changed, or the key is another one. */
function decrypt(key: Buffer, { iv, tag, bytes }: Encrypted): Buffer | null {
  if (iv.length !== ivBytes || tag.length !== tagBytes) return null;
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  } catch {
    // The tag does not fit: that is the answer, there is no more to know.
    return null;
  }
}

function tampered(): GantryError {
  return new GantryError(
    'unavailable',
    'The stored secret does not decrypt: it was changed, or sealed with another key of the same name. It was not given to anything. Set it anew.',
  );
}
