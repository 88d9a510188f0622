// `npm test`: installs what the tests need and runs them all: unit and integration tests
// (vitest), then what a person does, in real Chromium and, where its binary is, in Electron
// (Playwright). The last line is `N passed, N failed, N skipped`; with CI=true a missing tool fails
// instead of skipping, but for Electron, whose binary cannot be had everywhere.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNoDesktopTests } from './electron-program.mjs';
import { ensureEngine } from './engine.mjs';
import { ensureInstalled, pinnedNode, root } from './installed.mjs';

ensureInstalled();
const { buildDesktop } = await import('./build-desktop.mjs');
const { buildRenderer } = await import('./build-renderer.mjs');

/** Chromium is a system package: installed here only where that needs no question (Debian, as root). */
function ensureChromium() {
  const program = process.env.GANTRY_CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(program)) return true;
  const canInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (canInstall) {
    console.log('Installing Chromium for the end-to-end tests…');
    spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-q', 'chromium'], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  return existsSync(program);
}

const only = process.argv[2]; // `unit` or `e2e`
const reports = mkdtempSync(join(tmpdir(), 'gantry-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = []; // said again at the end: a long log hides them
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
  // The tests start hundreds of hosts, workers and commands from the same sources.
  NODE_COMPILE_CACHE: join(reports, 'compiled'),
};

function run(name, args, report, read) {
  console.log(`\n── ${name} ──`);
  const started = Date.now();
  const result = spawnSync(pinnedNode, args, { cwd: root, stdio: 'inherit', env: { ...env, ...report.env } });
  console.log(`(${((Date.now() - started) / 1000).toFixed(0)} s)`);
  if (!existsSync(report.path)) {
    console.error(`${name} ended without a report (exit ${result.status ?? result.signal}).`);
    totals.failed += 1;
    return;
  }
  const counts = read(JSON.parse(readFileSync(report.path, 'utf8')));
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
  failures.push(...counts.failures);
  if (counts.failed === 0 && result.status !== 0) {
    console.error(`${name} ended with exit ${result.status ?? result.signal} although no test failed.`);
    totals.failed += 1;
  }
}

/** What failed in one test file of vitest's report: the test and how its message begins. */
function failuresOfFile(file) {
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  const path = file.name.replace(`${root}/`, '');
  if (file.status === 'failed' && file.assertionResults.length === 0) return [`${path}: ${beginning(file.message)}`];
  return failed.map((test) => `${path} › ${test.fullName}: ${beginning(test.failureMessages[0])}`);
}

/** The same of one suite of Playwright's report, with those inside it. */
function failuresOfSuite(suite) {
  const failed = (suite.specs ?? []).filter((spec) => !spec.ok);
  return [
    ...failed.map((spec) => {
      const error = spec.tests.flatMap((test) => test.results).findLast((result) => result.error)?.error;
      return `${spec.file}:${spec.line} › ${spec.title}: ${beginning(error?.message)}`;
    }),
    ...(suite.suites ?? []).flatMap(failuresOfSuite),
  ];
}

function beginning(message = '') {
  return message.slice(0, 400);
}

// Where there is none, its tests skip themselves and say so, or fail with CI=true.
const engine = await ensureEngine();
if (engine.problem !== null) console.log(`Without services: ${engine.problem}`);

if (only !== 'e2e') {
  const path = join(reports, 'vitest.json');
  run(
    'Unit and integration tests',
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`],
    { path },
    (json) => ({
      passed: json.numPassedTests,
      // A file that could not even be loaded has no tests of its own to fail.
      failed:
        json.numFailedTests +
        json.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length,
      skipped: json.numPendingTests + (json.numTodoTests ?? 0),
      failures: json.testResults.flatMap(failuresOfFile),
    }),
  );
}

if (only !== 'unit') {
  // Playwright's configuration prints the reason.
  const inElectron = whyNoDesktopTests() === null;
  if (inElectron) buildDesktop();
  else totals.skipped += 1;
  buildRenderer();
  if (ensureChromium()) {
    const path = join(reports, 'playwright.json');
    run(
      inElectron ? 'End-to-end tests in Chromium and Electron' : 'End-to-end tests in Chromium',
      ['node_modules/playwright/cli.js', 'test', '--config', 'e2e/playwright.config.ts'],
      { path, env: { GANTRY_E2E_REPORT: path } },
      (json) => ({
        passed: json.stats.expected + json.stats.flaky,
        failed: json.stats.unexpected + json.errors.length,
        skipped: json.stats.skipped,
        failures: json.suites.flatMap(failuresOfSuite),
      }),
    );
  } else {
    console.log(
      '\nSkipped: end-to-end tests. Chromium is missing; install it ("apt-get install chromium") or set GANTRY_CHROMIUM.',
    );
    if (process.env.CI === 'true') totals.failed += 1;
    else totals.skipped += 1;
  }
}

await engine.stop();
rmSync(reports, { recursive: true, force: true });
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `- ${failure}`).join('\n')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
