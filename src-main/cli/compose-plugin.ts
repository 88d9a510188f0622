/** What only `docker compose` itself can put together: `include`, `extends` and `env_file` reach into other files. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';

const timeoutMs = 15_000;
const outputCharsMax = 1_000_000;

/** Runs `docker compose … config`; null where the plugin is not there or refuses the file. */
export type ComposeConfig = (path: string) => Promise<string | null>;

/**
 * The file's own text, whose lines a person knows; put together by the plugin where the file reaches
 * into others and the plugin is there.
 */
export async function readComposeFile(
  path: string,
  read: () => string,
  config: ComposeConfig = dockerComposeConfig,
): Promise<string> {
  const text = read();
  if (!/^\s*(include|extends|env_file)\s*:/m.test(text)) return text;
  return (await config(path)) ?? text;
}

function dockerComposeConfig(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('docker', ['compose', '-f', path, 'config', '--format', 'json'], {
      cwd: dirname(path),
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: timeoutMs,
    });
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
      if (out.length > outputCharsMax) child.kill();
    });
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code === 0 && out.trimStart().startsWith('{') ? out : null));
  });
}
