import { readdirSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findProgram } from '../agent-environment.ts';

/** How Codex is installed where it is missing. */
export const codexInstallCommand = 'npm install -g @openai/codex';

/**
 * The Codex program, or null. The npm package's `codex` is a script that starts the real binary
 * as a child and costs 41 MB while it waits: the binary behind it is preferred.
 */
export function findCodex(env: NodeJS.ProcessEnv): string | null {
  const found = findProgram('codex', env);
  if (found === null) return null;
  const script = realpathSync(found);
  return script.endsWith('.js') ? (vendorBinary(script) ?? found) : found;
}

function vendorBinary(script: string): string | null {
  try {
    const manifest = createRequire(script).resolve(`@openai/codex-${process.platform}-${process.arch}/package.json`);
    const vendor = join(dirname(manifest), 'vendor');
    for (const target of readdirSync(vendor)) {
      const binary = findProgram(join(vendor, target, 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex'), {});
      if (binary !== null) return binary;
    }
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'MODULE_NOT_FOUND' || code === 'ENOENT' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return null;
    throw error;
  }
}
