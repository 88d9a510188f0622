/** What the app and its git helper say to each other: one frame a command, one frame a result. */

/** One command. Its standard input is the frame's body. */
export interface GitRequest {
  /** Echoed by the result. Counts up within one helper. */
  readonly id: number;
  /** The folder to run in. */
  readonly cwd: string;
  readonly args: readonly string[];
  /** Whether the body is the command's standard input; without, that is empty and stays open. */
  readonly hasInput: boolean;
  /** Added to the environment that the helper was started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The command is ended once it has printed more than this. */
  readonly outputBytesMax: number;
}

/** How a command ended. What it printed on standard output is the frame's body. */
export interface GitResult {
  readonly id: number;
  readonly ending: GitEnding;
}

/** Everything that may become of a command. */
export type GitEnding =
  /** `exitCode` is null when a signal ended it. */
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly stderr: string }
  /** It was ended because it had printed enough; the body is cut at the bound. */
  | { readonly kind: 'cut'; readonly stderr: string }
  | { readonly kind: 'timed-out'; readonly stderr: string }
  | { readonly kind: 'folder-gone' }
  | { readonly kind: 'program-missing'; readonly stderr: string }
  /** It could not be started. */
  | { readonly kind: 'not-started'; readonly detail: string };
