/** Measures a page in Chromium from outside: frames, script time, and CPU time of its processes. */
import { type Browser, type CDPSession, chromium, type Page } from 'playwright';
import { percentile } from '../benchmark.ts';

const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A frame that took longer than this was late: the one after it was missed. */
const longFrameMs = 25;

/** What a stretch of time cost, each per second of it. */
export interface Cost {
  readonly scriptMs: number;
  /** Script, style, layout and all other work of the page's main thread. */
  readonly mainThreadMs: number;
  readonly rendererCpuMs: number;
  /** Where Chromium rasterises without a graphics card. */
  readonly gpuCpuMs: number;
}

/** How the page's frames came. */
export interface Frames {
  /** Frames of each whole second, fewest first. */
  readonly perSecond: readonly number[];
  readonly longFrames: number;
  readonly longestMs: number;
}

/** Frames a second below which `share` of the seconds lie. */
export function fps(frames: Frames, share: number): number {
  return percentile(frames.perSecond, share);
}

/** Chromium with one page. */
export class BrowserMeter implements AsyncDisposable {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #pageSession: CDPSession;
  readonly #browserSession: CDPSession;

  private constructor(browser: Browser, page: Page, pageSession: CDPSession, browserSession: CDPSession) {
    this.page = page;
    this.#browser = browser;
    this.#pageSession = pageSession;
    this.#browserSession = browserSession;
  }

  static async open(): Promise<BrowserMeter> {
    const browser = await chromium.launch({
      executablePath: process.env['GANTRY_CHROMIUM'] ?? '/usr/bin/chromium',
      args: chromiumArguments,
    });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
    const pageSession = await page.context().newCDPSession(page);
    await pageSession.send('Performance.enable');
    return new BrowserMeter(browser, page, pageSession, await browser.newBrowserCDPSession());
  }

  /** What the time until `done` costs. */
  async cost(done: () => Promise<void>): Promise<Cost> {
    const before = await this.#counters();
    await done();
    const after = await this.#counters();
    const seconds = (after.atMs - before.atMs) / 1_000;
    return {
      scriptMs: (after.scriptMs - before.scriptMs) / seconds,
      mainThreadMs: (after.taskMs - before.taskMs) / seconds,
      rendererCpuMs: (after.rendererMs - before.rendererMs) / seconds,
      gpuCpuMs: (after.gpuMs - before.gpuMs) / seconds,
    };
  }

  /** The frames until `done`, as `requestAnimationFrame` is told of them. */
  async frames(done: () => Promise<void>): Promise<Frames> {
    await this.page.evaluate(`(() => {
      window.frameTimes = [];
      const tick = (time) => {
        window.frameTimes.push(time);
        window.nextFrame = requestAnimationFrame(tick);
      };
      window.nextFrame = requestAnimationFrame(tick);
    })()`);
    await done();
    const times = await this.page.evaluate<number[]>(`cancelAnimationFrame(window.nextFrame), window.frameTimes`);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
    return {
      perSecond: framesOfSeconds(times),
      longFrames: gaps.filter((gap) => gap > longFrameMs).length,
      longestMs: Math.max(...gaps),
    };
  }

  /** Turns the wheel over a place for `px`, down where positive, at `pxPerSecond`. */
  async scroll(x: number, y: number, px: number, pxPerSecond: number): Promise<void> {
    await this.#pageSession.send('Input.synthesizeScrollGesture', {
      x,
      y,
      yDistance: -px,
      speed: pxPerSecond,
      gestureSourceType: 'mouse',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }

  async #counters() {
    const { metrics } = await this.#pageSession.send('Performance.getMetrics');
    const seconds = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    const { processInfo } = await this.#browserSession.send('SystemInfo.getProcessInfo');
    const cpuMs = (type: string): number =>
      processInfo.filter((each) => each.type === type).reduce((sum, each) => sum + each.cpuTime * 1_000, 0);
    return {
      atMs: performance.now(),
      scriptMs: seconds('ScriptDuration') * 1_000,
      taskMs: seconds('TaskDuration') * 1_000,
      rendererMs: cpuMs('renderer'),
      gpuMs: cpuMs('GPU'),
    };
  }
}

function framesOfSeconds(times: readonly number[]): number[] {
  const [first = 0] = times;
  const last = times.at(-1) ?? first;
  const counts = Array.from({ length: Math.floor((last - first) / 1_000) }, () => 0);
  for (const time of times) {
    const second = Math.floor((time - first) / 1_000);
    if (second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts.sort((a, b) => a - b);
}
