/** Where Electron's own program is, or why it is of no use. */
export type ElectronLookup =
  | { readonly state: 'found'; readonly program: string }
  | { readonly state: 'missing' | 'broken'; readonly reason: string };

export function findElectron(folder?: string, env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): ElectronLookup;
export function whyNoDesktopTests(folder?: string, env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): string | null;
export function hasScreen(platform?: NodeJS.Platform, env?: NodeJS.ProcessEnv): boolean;
export function installElectron(): ElectronLookup;
export function tryElectron(program: string, timeoutMs?: number): ElectronLookup;
