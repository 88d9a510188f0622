/** Where Gantry keeps what is its own. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `$GANTRY_HOME`, else the platform's folder for application data: `~/.local/share/gantry`
 * (or `$XDG_DATA_HOME/gantry`), `~/Library/Application Support/Gantry`, `%APPDATA%\Gantry`.
 */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (env['GANTRY_HOME']) return resolve(env['GANTRY_HOME']);
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Gantry');
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Gantry');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'gantry');
}
