/**
 * How Gantry's programs are bundled for packaging. While developing they run from their sources
 * (ADR 0001); the output here has the same programs beside each other, each under the name by
 * which `src-main/app/entries.ts` and the command line look for it.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import renderer from './src-renderer/vite.config.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Programs whose file is called `main.ts` are named after their folder, all others after their file. */
const programs = {
  electron: 'src-main/electron/main.ts',
  headless: 'src-main/headless/main.ts',
  worker: 'src-main/worker/main.ts',
  'git-helper': 'src-main/git/git-helper/main.ts',
  cli: 'src-main/cli/main.ts',
  'node-thread': 'src-main/raft/host/node-thread.ts',
  'demo-agent': 'src-main/agents/demo/demo-agent.ts',
};

/** As for the headless host, but to where all outputs go: `out/{main,preload,renderer}`, or as `--outDir` says. */
const { outDir: _hostOutDir, ...rendererBuild } = renderer.build ?? {};

const alias = { '#shared': here('src-shared'), '#main': here('src-main') };

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      target: 'node24',
      minify: false,
      sourcemap: false,
      externalizeDeps: true,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, here(path)])),
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          // Beside the programs: shared code finds them by a path relative to itself.
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    resolve: { alias },
    build: {
      target: 'node24',
      minify: false,
      sourcemap: false,
      // A sandboxed preload is CommonJS and can load nothing but Electron's own modules.
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: here('src-main/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    ...renderer,
    build: {
      ...rendererBuild,
      rolldownOptions: { ...rendererBuild.rolldownOptions, input: here('src-renderer/index.html') },
    },
  },
});
