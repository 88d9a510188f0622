import { defineConfig } from 'playwright/test';

/** The end-to-end tests: what a person does, in real Chromium, against a real host. */
export default defineConfig({
  testDir: './specs',
  outputDir: '../test-results',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Each test runs a whole fleet: Raft threads, worker, agents. Two cores carry one of them well.
  workers: 1,
  // A busy machine may starve a browser for seconds. What passes only the second time is listed as flaky.
  retries: process.env['CI'] === 'true' ? 1 : 0,
  forbidOnly: process.env['CI'] === 'true',
  reporter: process.env['GANTRY_E2E_REPORT']
    ? [['list'], ['json', { outputFile: process.env['GANTRY_E2E_REPORT'] }]]
    : [['list']],
});
