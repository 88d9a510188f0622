import type { Clock } from '../ports/clock.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import type { Result } from '#shared/base/result.ts';
import { fail, ok } from '#shared/base/result.ts';
import { openLink } from './worker-link.ts';

/** Ending a stubborn process tree takes a while. */
const endingMs = 60_000;

/**
 * Ends the worker of a data folder and all that it runs, without an app. Answers null when no
 * worker runs there, and why when it could not be ended.
 */
export async function shutdownWorker(
  home: string,
  clock: Clock,
): Promise<Result<{ runsEnded: number } | null, string>> {
  let closed: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const opened = await openLink({
    folder: workerFolder(home),
    clock,
    onNotice: () => undefined,
    onClose: () => closed(),
  });
  if (!opened.ok) return opened.error.kind === 'absent' ? ok(null) : fail(opened.error.reason);
  const { welcome } = opened.value;
  const runsEnded = welcome.runs.filter((run) => run.state !== 'ended').length;
  const answer = await opened.value.request({ type: 'shutdown' }, endingMs);
  if (!answer.ok) return fail(answer.error.message);
  await gone;
  return ok({ runsEnded });
}
