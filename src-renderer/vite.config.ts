import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * How the panel is built, for the headless host and for the desktop alike. Nothing is inlined
 * into the page: its content security policy allows files of its own origin only.
 */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react()],
  resolve: { alias: { '#shared': here('../src-shared') } },
  build: {
    outDir: here('../out/renderer'),
    emptyOutDir: true,
    target: 'chrome140',
    assetsInlineLimit: 0,
    // One sheet for all views: it comes with the page, and no view can be shown without its own.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
    // Zod must be told not to use `new Function` before any schema is made.
    rolldownOptions: { output: { strictExecutionOrder: true } },
  },
});
