import type { TextSealer } from '../ports/text-sealer.ts';
import { macosKeychain, secretService } from './keychain-program.ts';
import type { KeyStore } from './key-ring.ts';
import { sealedKeyFile } from './sealed-key-file.ts';

export interface SystemKeychainOptions {
  /** Tells data folders apart. */
  readonly account: string;
  /** The folder of what is sealed, where the system only seals. */
  readonly folder: string;
  /** What the host's own runtime offers; null without. */
  readonly sealer: TextSealer | null;
  readonly platform?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The keychain of this platform, whether or not it answers; null where there is none to ask. Programs
 * are asked first: what they keep is there for every host, with a window or without.
 */
export function systemKeychain(options: SystemKeychainOptions): KeyStore | null {
  const { account, folder, sealer, platform = process.platform, env = process.env } = options;
  if (platform === 'darwin') return macosKeychain(account, env);
  if (platform === 'win32') return sealer === null ? null : sealedKeyFile(folder, sealer);
  return secretService(account, env);
}
