/** The two ways in which a person has the app before them. The same specifications run in both. */
import type { Page } from 'playwright/test';

export type RunnerName = 'web' | 'electron';

/** The size of the page, in CSS pixels. */
export const viewport = { width: 1_440, height: 900 } as const;

/** How the app is started. */
export interface Launch {
  /** Its data folder. */
  readonly home: string;
  /** Variables beside those of the test itself. */
  readonly env: NodeJS.ProcessEnv;
  /** What follows `npm start --`, such as `--repo FOLDER`. */
  readonly args: readonly string[];
}

/** One app, which can be ended and started again. */
export interface Runner {
  readonly name: RunnerName;
  /** Of the process that holds the data folder; undefined before the first start. */
  readonly pid: number | undefined;
  /** What that process printed since it was started. */
  readonly output: string;
  /** What the panel complained about: console errors, uncaught exceptions, violations of its policy. */
  readonly complaints: readonly string[];
  /** Starts the app, and answers once it serves. Rejects with what it printed when it does not. */
  start(launch: Launch): Promise<void>;
  /** A page: in the browser an empty one, for which nothing has to run; on the desktop its window's. */
  openPage(): Promise<Page>;
  /** Shows the panel of the app as it runs now in `page`, or answers another page that shows it. */
  showPanel(page: Page): Promise<Page>;
  /** Ends the app and answers once it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Closes what `openPage` opened, if that does not belong to the app. */
  closePages(): Promise<void>;
}

/** The environment of an app under test: that of the test, with a data folder of its own. */
export function environmentOf({ home, env }: Launch): Record<string, string> {
  const all: NodeJS.ProcessEnv = { ...process.env, ...env, GANTRY_HOME: home };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
