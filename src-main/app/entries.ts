/**
 * Where the other programs of Gantry are: beside the sources while developing, beside the
 * bundle once packaged (see ADR 0001).
 */
import { fileURLToPath } from 'node:url';

const fromSources = import.meta.url.endsWith('.ts');

function entry(source: string, bundled: string): string {
  return fileURLToPath(new URL(fromSources ? source : bundled, import.meta.url));
}

/** A program of its own runs on plain Node, which cannot read the archive: it is unpacked beside it. */
function program(source: string, bundled: string): string {
  return entry(source, bundled).replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2');
}

/** Paths of the programs that the app starts. */
export const entries = {
  worker: program('../worker/main.ts', './worker.js'),
  gitHelper: program('../git/git-helper/main.ts', './git-helper.js'),
  raftNode: program('../raft/host/node-thread.ts', './node-thread.js'),
  /** The built panel; the headless host is told another path by `npm start`. */
  renderer: entry('../../out/renderer', '../renderer'),
} as const;
