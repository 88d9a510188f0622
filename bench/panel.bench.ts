/** How smoothly the panel shows a fleet of 700 live lanes, and what that costs the person's machine. */
import { buildRenderer } from '../scripts/build-renderer.mjs';
import { type BenchmarkResult, rounded, target } from './benchmark.ts';
import { BrowserMeter, fps, type Frames } from './panel/browser-meter.ts';
import { openPanelServer } from './panel/panel-server.ts';

export const name = 'panel';
export const description = 'frames a second and script time of the panel over 700 live lanes';

const lanes = 700;
const settleMs = 4_000;
const stillMs = 15_000;
const watchMs = 10_000;
/** A quick hand at the wheel: 40 rows a second. */
const scrollPxPerSecond = 2_000;
const scrollPx = 10_000;

export async function run(say: (line: string) => void): Promise<BenchmarkResult> {
  await using server = await openPanelServer(buildRenderer(), lanes);
  await using meter = await BrowserMeter.open();
  await meter.page.goto(server.url);
  await meter.page.getByRole('toolbar', { name: 'Filter by state' }).getByRole('button', { name: 'Running' }).click();
  await meter.page.getByRole('img', { name: 'Running', exact: true }).nth(10).waitFor();
  // Where nothing is held in place, and nothing hovered.
  await meter.page.mouse.move(20, 600);
  await pause(settleMs);

  say(`${lanes} lanes change, nobody touches the panel`);
  const eventsBefore = server.fleet.events;
  const still = await meter.cost(() => pause(stillMs));
  const eventsPerSecond = (server.fleet.events - eventsBefore) / (stillMs / 1_000);
  const watched = await meter.frames(() => pause(watchMs));
  say('the rows are scrolled, down and up again');
  let scrolled: Frames | undefined;
  const scrolling = await meter.cost(async () => {
    scrolled = await meter.frames(async () => {
      for (const px of [scrollPx, -scrollPx, scrollPx]) await meter.scroll(700, 500, px, scrollPxPerSecond);
    });
  });
  if (scrolled === undefined) throw new Error('nothing was scrolled');
  const all: Frames = {
    perSecond: [...watched.perSecond, ...scrolled.perSecond].sort((a, b) => a - b),
    longFrames: watched.longFrames + scrolled.longFrames,
    longestMs: Math.max(watched.longestMs, scrolled.longestMs),
  };
  const metrics = {
    lanes,
    events_per_second: rounded(eventsPerSecond),
    fps_p50: fps(all, 0.5),
    fps_p5: fps(all, 0.05),
    long_frames: all.longFrames,
    longest_frame_ms: rounded(all.longestMs),
    script_ms_per_second: rounded(still.scriptMs),
    main_thread_ms_per_second: rounded(still.mainThreadMs),
    renderer_cpu_ms_per_second: rounded(still.rendererCpuMs),
    gpu_cpu_ms_per_second: rounded(still.gpuCpuMs),
    scroll_fps_p50: fps(scrolled, 0.5),
    scroll_fps_p5: fps(scrolled, 0.05),
    scroll_script_ms_per_second: rounded(scrolling.scriptMs),
    scroll_renderer_cpu_ms_per_second: rounded(scrolling.rendererCpuMs),
  };
  return {
    metrics,
    targets: [
      target(metrics, 'fps_p50', '>=', 58),
      target(metrics, 'scroll_fps_p50', '>=', 58),
      target(metrics, 'script_ms_per_second', '<=', 100),
    ],
    notes: [
      'software rendering in headless Chromium; the host that feeds it runs on the same cores',
      'script, main thread and CPU are measured while the panel is watched and not touched',
    ],
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
