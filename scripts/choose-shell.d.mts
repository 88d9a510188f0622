import type { ElectronLookup } from './electron-program.mjs';

export interface ShellQuestion {
  readonly args: readonly string[];
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly electron: () => ElectronLookup;
}

export type Shell =
  | { readonly shell: 'electron'; readonly program: string }
  | { readonly shell: 'browser'; readonly note: string | null };

export function chooseShell(question: ShellQuestion): Shell;
