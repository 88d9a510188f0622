/** Lets the app end in order before Electron does. */
import type { Log } from '#main/ports/log.ts';
import { systemTimers, type Timers } from '#shared/contract/timers.ts';

export interface QuitOptions {
  /** Ends everything but the worker, which goes on. */
  readonly close: () => Promise<void>;
  /** Ends the process at once, without another `will-quit`. */
  readonly exit: (code: number) => void;
  readonly log: Log;
  readonly timers?: Timers;
}

/** As long as the headless host takes at most. Nothing is lost when it is too short: lanes go on either way. */
export const quitMs = 10_000;

/**
 * The listener of `will-quit`. It holds Electron back each time, since a person who is impatient
 * quits twice, and the second time must not cut short what the first began.
 */
export function quitInOrder(options: QuitOptions): (event: { preventDefault(): void }) => void {
  const { close, exit, log, timers = systemTimers } = options;
  let closing = false;
  return (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    let ended = false;
    const end = (code: number): void => {
      if (ended) return;
      ended = true;
      late.dispose();
      exit(code);
    };
    const late = timers.after(quitMs, () => {
      log.error('the app did not end in time');
      end(1);
    });
    close().then(
      () => end(0),
      (error: unknown) => {
        log.error('the app did not end in order', { reason: error instanceof Error ? error.message : String(error) });
        end(1);
      },
    );
  };
}
