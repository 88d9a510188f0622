/**
 * One process per data folder.
 *
 * The lock is the file `gantry.lock.<generation>` with the highest generation. It names its
 * holder; it is never removed while it is the highest, only marked as released, so that the
 * highest generation never goes back. Whoever finds it released, or its holder dead, makes the
 * next generation by an atomic `link(2)`.
 *
 * The interleavings that would bite:
 *  1. Two starters see the same dead holder. Both link the same next name; one gets EEXIST and
 *     looks again.
 *  2. A starter sleeps between looking and linking while others take the lock and give it back,
 *     and its name was tidied away meanwhile. So each looks again after linking and holds the
 *     lock only when nothing higher is there.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { fail, ok, type Result } from '#shared/base/result.ts';
import { GantryError } from '#shared/contract/error.ts';
import { z } from 'zod';
import { lookUpProcess } from './process-identity.ts';

/** Who has the folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly startedAtMs: number;
  readonly command: string;
  /** The file that says so. */
  readonly lockFile: string;
}

const recordSchema = z.object({
  state: z.enum(['held', 'released']),
  pid: z.number().int(),
  host: z.string(),
  /** See `ProcessState`; null where the system does not tell. */
  identity: z.string().nullable(),
  startedAtMs: z.number(),
  command: z.string(),
});
type LockRecord = z.infer<typeof recordSchema>;

const filePrefix = 'gantry.lock.';
const filePattern = /^gantry\.lock\.(\d{1,15})$/;
/** A lock that cannot be read may be one that is being written; after this long it is not. */
const unreadableGraceMs = 10_000;

/**
 * Takes the folder, which is made when missing, or says who has it. Dispose to give it back; a
 * process that dies gives it back by dying. Throws a `GantryError` (`read-only-folder`,
 * `disk-full`) when no lock can be written there.
 */
export function lockFolder(folder: string): Result<Disposable, LockHolder> {
  try {
    mkdirSync(folder, { recursive: true });
    return takeLock(folder);
  } catch (error) {
    throw explain(error, folder);
  }
}

function takeLock(folder: string): Result<Disposable, LockHolder> {
  for (;;) {
    const newest = generationsIn(folder).at(-1) ?? 0;
    if (newest > 0) {
      const holder = holderOf(lockFileOf(folder, newest));
      if (holder) return fail(holder);
    }
    const mine = newest + 1;
    if (!writeLock(folder, mine)) continue;
    const generations = generationsIn(folder);
    if (generations.at(-1) !== mine) {
      rmSync(lockFileOf(folder, mine), { force: true });
      continue;
    }
    for (const older of generations) {
      if (older < mine) rmSync(lockFileOf(folder, older), { force: true });
    }
    return ok(toDisposable(() => releaseLock(folder, mine)));
  }
}

/** Whether this process made the lock file; false when somebody else was first. */
function writeLock(folder: string, generation: number): boolean {
  const draft = writeDraft(folder, 'held');
  try {
    linkSync(draft, lockFileOf(folder, generation));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error))) throw error;
    return writeLockWithoutLinks(folder, generation);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For file systems without hard links: as exclusive, but a reader may see it half written. */
function writeLockWithoutLinks(folder: string, generation: number): boolean {
  try {
    writeFileSync(lockFileOf(folder, generation), encode('held'), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function releaseLock(folder: string, generation: number): void {
  renameSync(writeDraft(folder, 'released'), lockFileOf(folder, generation));
}

function writeDraft(folder: string, state: LockRecord['state']): string {
  const draft = join(folder, `gantry.lock-draft.${process.pid}.${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, encode(state), { flag: 'wx', mode: 0o600 });
  return draft;
}

function encode(state: LockRecord['state']): string {
  const self = lookUpProcess(process.pid);
  const record: LockRecord = {
    state,
    pid: process.pid,
    host: hostname(),
    identity: self.kind === 'running' ? self.identity : null,
    startedAtMs: Date.now() - Math.round(process.uptime() * 1_000),
    command: process.argv.join(' ').slice(0, 500),
  };
  return `${JSON.stringify(record)}\n`;
}

/** Who holds this lock now; null when it is released, its holder is dead, or it is gone. */
function holderOf(lockFile: string): LockHolder | null {
  let text: string;
  try {
    text = readFileSync(lockFile, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const record = decode(text);
  if (record === null) {
    const changedAtMs = statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - changedAtMs > unreadableGraceMs) return null;
    return { pid: 0, host: hostname(), startedAtMs: changedAtMs, command: 'unknown', lockFile };
  }
  if (record.state === 'released' || (isOfThisMachine(record) && isDead(record))) return null;
  const { pid, host, startedAtMs, command } = record;
  return { pid, host, startedAtMs, command, lockFile };
}

function decode(text: string): LockRecord | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** A holder on another machine (a shared folder) cannot be looked up, so it counts as alive. */
function isOfThisMachine(record: LockRecord): boolean {
  return record.host === hostname();
}

function isDead(record: LockRecord): boolean {
  const found = lookUpProcess(record.pid);
  if (found.kind === 'gone') return true;
  return record.identity !== null && found.identity !== null && record.identity !== found.identity;
}

function generationsIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => filePattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
}

function lockFileOf(folder: string, generation: number): string {
  return join(folder, `${filePrefix}${generation}`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function explain(error: unknown, folder: string): unknown {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new GantryError(
        'read-only-folder',
        `Gantry cannot write to its data folder ${folder}. Nothing was changed. Give yourself write permission there, or point GANTRY_HOME to another folder.`,
        { data: folder, cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new GantryError(
        'disk-full',
        `There is no space left for the data folder ${folder}. Nothing was changed. Free some space and start Gantry again.`,
        { data: folder, cause: error },
      );
    default:
      return error;
  }
}
