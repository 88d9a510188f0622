/** What may go wrong with one order on its way to an engine or an edge, and with the answer on its way back. */
import { fail } from '#shared/base/result.ts';
import type { EngineResult } from '../../ports/engine.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** Chances of each, per order or event; all are 0 once the world is reliable. */
export interface ConnectionFaults {
  /** It is refused for no lasting reason, and nothing is done. */
  refusal: number;
  /** It is done, and who ordered it hears of a timeout. */
  lostAnswer: number;
  /** It is not done, and who ordered it hears of a timeout. */
  hang: number;
  /** An event is lost. */
  eventLoss: number;
}

/** A world in which none of it happens. */
export function noFaults(): ConnectionFaults {
  return { refusal: 0, lostAnswer: 0, hang: 0, eventLoss: 0 };
}

const timeoutMsMax = 15_000;

/** Carries out an order as this way lets it: `change` does it and answers. */
export function unreliably<T>(
  way: {
    readonly faults: ConnectionFaults;
    readonly random: SeededRandom;
    readonly later: (delayMs: number, run: () => void) => void;
  },
  change: (answer: (value: EngineResult<T>) => void) => void,
  answer: (value: EngineResult<T>) => void,
): void {
  const { faults, random, later } = way;
  if (random.chance(faults.refusal)) {
    answer(fail({ reason: 'refused', message: 'The engine was busy.', detail: '' }));
    return;
  }
  const isDone = random.chance(faults.lostAnswer);
  if (!isDone && !random.chance(faults.hang)) {
    change(answer);
    return;
  }
  if (isDone) change(() => undefined);
  later(random.between(500, timeoutMsMax), () =>
    answer(fail({ reason: 'timeout', message: 'The engine did not answer in time.', detail: '' })),
  );
}
