// What `npm start` opens: the desktop app, or the browser. Pure: what is known of Electron is asked
// of `electron`, and only where it matters, since that may download it.
import { hasScreen } from './electron-program.mjs';

/**
 * Answers `{ shell: 'electron', program }`, or `{ shell: 'browser', note }` with a sentence for the
 * person when they get something else than they could expect.
 */
export function chooseShell({ args, platform, env, electron }) {
  const asksForBrowser = args.some((arg) => arg === '--headless' || arg === '--help' || arg === '-h');
  if (asksForBrowser || !hasScreen(platform, env)) return { shell: 'browser', note: null };
  const found = electron();
  if (found.state === 'found') return { shell: 'electron', program: found.program };
  return { shell: 'browser', note: `${found.reason}\nThe panel opens in your browser instead.` };
}
