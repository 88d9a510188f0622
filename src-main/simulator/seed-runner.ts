/** Runs seeds on several threads, one run at a time on each. */
import { Worker } from 'node:worker_threads';
import type { Run, RunResult } from './simulations.ts';

/**
 * Carries out `runs` and calls `onResult` for each, in whatever order they end. Resolves when all
 * have; rejects when a thread dies, which no failing seed does. All threads have ended then.
 */
export async function runSeeds(
  runs: readonly Run[],
  threads: number,
  onResult: (result: RunResult) => void,
): Promise<void> {
  const waiting = runs.values();
  const workers: Worker[] = [];
  const runThread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url));
      workers.push(worker);
      const next = () => {
        const { value, done } = waiting.next();
        if (done === true) resolve();
        else worker.postMessage(value, []);
      };
      worker.on('message', (result: RunResult) => {
        onResult(result);
        next();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`a simulation thread ended with code ${code}`)));
      next();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(threads, runs.length) }, runThread));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
