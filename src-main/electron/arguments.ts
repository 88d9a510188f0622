/** What `npm start -- …` asks of the desktop app. */
import { parseArgs } from 'node:util';

export interface DesktopArguments {
  /** Open the sample repository and let demo agents work on it. */
  readonly demo: boolean;
  /** A repository to open. */
  readonly repo: string | null;
}

/** Reads the command line, in which Electron and Chromium have switches of their own. */
export function parseDesktopArguments(argv: readonly string[]): DesktopArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { demo: { type: 'boolean' }, repo: { type: 'string' } },
    strict: false,
  });
  return { demo: values.demo === true, repo: typeof values.repo === 'string' ? values.repo : null };
}
