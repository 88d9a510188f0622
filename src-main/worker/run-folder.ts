/** What is kept of one run: `runs/<run>/{spec.json, prompt.md, state.json, journal.jsonl, output-N.log}`. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunSpec, runSpecSchema } from '#shared/contract/worker-protocol.ts';
import { runOutcomeSchema } from '#shared/model/agent-event.ts';
import { type RunId, runIdSchema } from '#shared/model/ids.ts';
import { guardDiskFull, replaceFile } from './disk-write.ts';

/** The facts of a run that outlive the worker. Counts are final once it has ended. */
export const runStateSchema = z.object({
  state: z.enum(['running', 'ended']),
  pid: z.number().int().nullable(),
  startedAtMs: z.number(),
  lastEventAtMs: z.number(),
  lastSeq: z.number().int().nonnegative(),
  journalBytes: z.number().int().nonnegative(),
  outcome: runOutcomeSchema.nullable(),
});
export type RunState = z.infer<typeof runStateSchema>;

/** Set aside at the start, so that the end of a run can be written down on a full disk. */
const reserveBytes = 64 * 1024;

export class RunFolder {
  readonly path: string;
  readonly journal: string;
  readonly promptFile: string;

  constructor(runsFolder: string, runId: RunId) {
    this.path = join(runsFolder, runId);
    this.journal = join(this.path, 'journal.jsonl');
    this.promptFile = join(this.path, 'prompt.md');
  }

  /** Makes the folder with its spec. Throws `DiskFullError`, and then nothing is left of it. */
  create(spec: RunSpec): void {
    try {
      guardDiskFull(this.path, () => {
        mkdirSync(this.path, { recursive: true, mode: 0o700 });
        writeFileSync(this.promptFile, spec.prompt, { mode: 0o600 });
        writeFileSync(join(this.path, 'reserve'), Buffer.alloc(reserveBytes, 1));
      });
      replaceFile(join(this.path, 'spec.json'), JSON.stringify(spec));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Gives back the room that was set aside. */
  releaseReserve(): void {
    rmSync(join(this.path, 'reserve'), { force: true });
  }

  writeState(state: RunState): void {
    replaceFile(join(this.path, 'state.json'), JSON.stringify(state));
  }

  /** Null when the file is missing or torn: the worker died while it made the run. */
  readSpec(): RunSpec | null {
    return readJson(join(this.path, 'spec.json'), runSpecSchema);
  }

  readState(): RunState | null {
    return readJson(join(this.path, 'state.json'), runStateSchema);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The runs that have a folder. */
export function listRunFolders(runsFolder: string): RunId[] {
  return readdirSync(runsFolder).flatMap((name) => {
    const parsed = runIdSchema.safeParse(name);
    return parsed.success ? [parsed.data] : [];
  });
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
