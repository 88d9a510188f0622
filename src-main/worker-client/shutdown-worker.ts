import type { Clock } from '../ports/clock.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import type { Result } from '#shared/base/result.ts';
import { fail, ok } from '#shared/base/result.ts';
import { OtherProcess } from './process-end.ts';
import { openLink } from './worker-link.ts';

/** Ending a stubborn process tree takes a while. */
const endingMs = 60_000;
/** Once all runs have ended the worker itself is gone within moments. */
export const workerExitMs = 10_000;

/**
 * Ends the worker of a data folder and all that it runs, without an app. Resolves once its process
 * is gone, so that its folder may be removed. Answers null when no worker runs there, and why when
 * it could not be ended.
 */
export async function shutdownWorker(
  home: string,
  clock: Clock,
): Promise<Result<{ runsEnded: number } | null, string>> {
  const opened = await openLink({
    folder: workerFolder(home),
    clock,
    onNotice: () => undefined,
    onClose: () => undefined,
  });
  if (!opened.ok) return opened.error.kind === 'absent' ? ok(null) : fail(opened.error.reason);
  const link = opened.value;
  const { welcome } = link;
  const worker = new OtherProcess(welcome.pid, clock);
  const runsEnded = welcome.runs.filter((run) => run.state !== 'ended').length;
  try {
    const answer = await link.request({ type: 'shutdown' }, endingMs);
    if (await worker.goneWithin(workerExitMs)) return ok({ runsEnded });
    return fail(answer.ok ? stillRuns(welcome.pid) : answer.error.message);
  } finally {
    link.close();
  }
}

/** What is said of a worker that agreed to end and did not. */
export function stillRuns(pid: number): string {
  return `The worker has ended all that it ran, but its process ${pid} still runs after ${workerExitMs / 1_000} s. End that process yourself.`;
}
