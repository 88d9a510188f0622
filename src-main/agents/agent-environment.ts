/** The environment that agents inherit, and where agents are looked for. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Gantry's own means of starting programs; agents are not part of them. */
const notInherited = ['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'ELECTRON_RUN_AS_NODE', 'GANTRY_RUN_ID'];

/** `env` for agents: with the folders that a desktop session's short PATH lacks. */
export function agentEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const inherited = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || notInherited.includes(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), PATH: searchFolders(env).join(delimiter) };
}

/** The folders of PATH, then those where agents' installers put them. */
export function searchFolders(env: NodeJS.ProcessEnv): string[] {
  const home = env['HOME'] ?? homedir();
  const common =
    process.platform === 'win32'
      ? [join(env['APPDATA'] ?? home, 'npm')]
      : [
          ...[
            '.local/bin',
            '.npm-global/bin',
            '.bun/bin',
            '.volta/bin',
            '.opencode/bin',
            '.claude/local',
            '.cargo/bin',
          ].map((folder) => join(home, folder)),
          ...nodeVersions(join(home, '.nvm/versions/node')),
          '/opt/homebrew/bin',
          '/usr/local/bin',
        ];
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter).filter(Boolean),
    ...common.filter((folder) => existsSync(folder)),
  ];
  return [...new Set(folders)];
}

/** The path of a program, or null. `name` may be a path already. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | null {
  if (name.includes('/') || name.includes('\\')) return isProgram(name) ? name : null;
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of searchFolders(env)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (isProgram(path)) return path;
    }
  }
  return null;
}

function isProgram(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (process.platform === 'win32' || (found.mode & 0o111) !== 0);
}

function nodeVersions(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((version) => join(folder, version, 'bin'))
    .reverse();
}
