import { defineConfig } from 'playwright/test';
import { whyNoDesktopTests } from '../scripts/electron-program.mjs';
import type { RunnerOptions } from './fixtures/test.ts';

/** Absent from Playwright's own process, which reads this file once, unlike those that run the tests. */
const isMainProcess = process.env['TEST_WORKER_INDEX'] === undefined;
const missing = whyNoDesktopTests();
if (missing !== null && isMainProcess) console.log(`Skipped: the end-to-end tests in Electron. ${missing}`);

/** The end-to-end tests: what a person does, in real Chromium and in Electron, against the real app. */
export default defineConfig<object, RunnerOptions>({
  testDir: './specs',
  outputDir: '../test-results',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Each test runs a whole fleet: Raft threads, worker, agents. Two cores carry one of them well.
  workers: 1,
  // A busy machine may starve a browser for seconds. What passes only the second time is listed as flaky.
  retries: process.env['CI'] === 'true' ? 1 : 0,
  forbidOnly: process.env['CI'] === 'true',
  projects: [
    { name: 'web', testIgnore: 'desktop.spec.ts', use: { runnerName: 'web' } },
    ...(missing === null ? [{ name: 'electron', use: { runnerName: 'electron' } as const }] : []),
  ],
  reporter: process.env['GANTRY_E2E_REPORT']
    ? [['list'], ['json', { outputFile: process.env['GANTRY_E2E_REPORT'] }]]
    : [['list']],
});
