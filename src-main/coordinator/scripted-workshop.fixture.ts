/** A workshop whose agents follow a script. It is removed when its test has finished. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AgentScript, ScriptedWorker } from './drive/scripted-worker.fixture.ts';
import { ok, Workshop, type WorkshopOptions } from './workshop.fixture.ts';

/** Writes a file named after the task. */
export const writesOwnFile: AgentScript = ({ spec }) => {
  writeFileSync(join(spec.cwd, `${spec.env['GANTRY_TASK_ID']}.txt`), 'work\n');
  return Promise.resolve(ok());
};

/** Never ends until it is stopped. */
export const worksForEver: AgentScript = ({ spec, signal }) => {
  writeFileSync(join(spec.cwd, 'unfinished.txt'), 'half\n');
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ok())));
};

/** Opens a repository as a project. Call it in a test. */
export async function scriptedWorkshop(
  script: AgentScript,
  options: Omit<WorkshopOptions, 'worker'> = {},
): Promise<{ shop: Workshop; worker: ScriptedWorker }> {
  const worker = new ScriptedWorker(script);
  const shop = new Workshop({ worker, ...options });
  onTestFinished(() => shop.dispose());
  await shop.open();
  return { shop, worker };
}
