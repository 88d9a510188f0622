/** What `npm start -- …` asks of the desktop app. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const desktopArgumentsSchema = z.object({
  /** Open the sample repository and let demo agents work on it. */
  demo: z.boolean(),
  /** Absolute path of a repository to open. */
  repo: z.string().nullable(),
});
export type DesktopArguments = z.infer<typeof desktopArgumentsSchema>;

/**
 * Reads the command line, in which Electron and Chromium have switches of their own. A relative
 * path is one from `workingFolder`: another instance, with another folder, may be asked to open it.
 */
export function parseDesktopArguments(argv: readonly string[], workingFolder: string): DesktopArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { demo: { type: 'boolean' }, repo: { type: 'string' } },
    strict: false,
  });
  const { demo, repo } = values;
  return { demo: demo === true, repo: typeof repo === 'string' ? resolve(workingFolder, repo) : null };
}

/** What a second instance handed over; null when it is of a version that hands over nothing, or something else. */
export function readDesktopArguments(handedOver: unknown): DesktopArguments | null {
  return desktopArgumentsSchema.safeParse(handedOver).data ?? null;
}
