// `npm start`: installs, builds, and opens the control panel: in Electron where its binary can
// be had and there is a screen, else served to the browser by the headless host.
// Arguments after `--` go to the app: --demo, --repo FOLDER, --port NUMBER, --headless, --no-open.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildDesktop } from './build-desktop.mjs';
import { buildRenderer } from './build-renderer.mjs';
import { chooseShell } from './choose-shell.mjs';
import { installElectron, tryElectron } from './electron-program.mjs';
import { ensureInstalled, pinnedNode, root } from './installed.mjs';

const args = process.argv.slice(2);
ensureInstalled();

const chosen = chooseShell({
  args,
  platform: process.platform,
  env: process.env,
  electron() {
    const found = installElectron();
    return found.state === 'found' && process.platform === 'linux' ? tryElectron(found.program) : found;
  },
});

let child;
if (chosen.shell === 'electron') {
  buildDesktop();
  child = spawn(chosen.program, [root, ...args], { stdio: 'inherit' });
} else {
  if (chosen.note) console.log(chosen.note);
  const folder = args.includes('--help') ? '' : buildRenderer();
  // A host serves small messages all day: a small nursery keeps its memory small (see host-connection.ts).
  child = spawn(
    pinnedNode,
    ['--max-semi-space-size=8', join(root, 'src-main', 'headless', 'main.ts'), '--renderer', folder, ...args],
    {
      stdio: 'inherit',
    },
  );
}

process.on('SIGINT', () => {}); // the terminal sends it to the child as well, which ends in its own time
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
