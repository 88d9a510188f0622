import { contract, type InputOf } from '#shared/contract/contract.ts';
import type { ProjectView } from '#shared/contract/views.ts';
import { assertDefined } from '#shared/base/assert.ts';
import type { BranchName } from '#shared/model/ids.ts';
import { count } from '../../app/text.ts';
import { sameData } from '../../client/same-data.ts';
import { gatesOf, gateText } from './gate-lines.ts';
import { readSpan, spanText } from './time-span.ts';

/** What of a project a person can set. */
export type ProjectSettings = Pick<
  ProjectView,
  'targetBranch' | 'autoMerge' | 'gates' | 'attemptsMax' | 'reworksMax' | 'stallMs'
>;

/** The settings as they are typed. */
export interface SettingsDraft {
  readonly targetBranch: BranchName;
  readonly autoMerge: boolean;
  /** One command a line. */
  readonly gates: string;
  readonly attempts: string;
  readonly reworks: string;
  /** "10 min" */
  readonly stall: string;
}

/** What is wrong with a draft, field by field. */
export type SettingsProblems = Partial<Record<keyof SettingsDraft, string>>;

/** Settings that differ from those before. */
export type SettingsChange = Omit<InputOf<'project.configure'>, 'projectId'>;

export type ReadSettings =
  | { readonly ok: true; readonly change: SettingsChange }
  | { readonly ok: false; readonly problems: SettingsProblems };

const { shape } = contract['project.configure'].input;

/** Smallest and largest values that the contract takes. */
export const limits = {
  attempts: rangeOf(shape.attemptsMax.unwrap()),
  reworks: rangeOf(shape.reworksMax.unwrap()),
  stallMs: rangeOf(shape.stallMs.unwrap()),
};

interface Range {
  readonly least: number;
  readonly most: number;
}

function rangeOf({ minValue, maxValue }: { minValue: number | null; maxValue: number | null }): Range {
  return {
    least: assertDefined(minValue, 'the contract says how small a setting may be'),
    most: assertDefined(maxValue, 'the contract says how large a setting may be'),
  };
}

/** The draft of settings as they are. */
export function settingsDraft(settings: ProjectSettings): SettingsDraft {
  return {
    targetBranch: settings.targetBranch,
    autoMerge: settings.autoMerge,
    gates: gateText(settings.gates),
    attempts: String(settings.attemptsMax),
    reworks: String(settings.reworksMax),
    stall: spanText(settings.stallMs),
  };
}

/** What the draft changes of `before`, or what is wrong with it by the contract's rules. */
export function readSettings(draft: SettingsDraft, before: ProjectSettings): ReadSettings {
  const attemptsMax = readCount(draft.attempts, limits.attempts);
  const reworksMax = readCount(draft.reworks, limits.reworks);
  const stallMs = readSpan(draft.stall);
  const gates = gatesOf(draft.gates, before.gates);
  const problems: SettingsProblems = {
    ...(attemptsMax === null ? { attempts: countRule(limits.attempts) } : {}),
    ...(reworksMax === null ? { reworks: countRule(limits.reworks) } : {}),
    ...(stallMs === null || !isWithin(stallMs, limits.stallMs) ? { stall: stallRule() } : {}),
    ...gatesProblem(gates),
  };
  if (attemptsMax === null || reworksMax === null || stallMs === null || Object.keys(problems).length > 0)
    return { ok: false, problems };
  const { targetBranch, autoMerge } = draft;
  const after: ProjectSettings = { targetBranch, autoMerge, gates, attemptsMax, reworksMax, stallMs };
  return { ok: true, change: differences(before, after) };
}

/** What takes a change back. */
export function takenBack(before: ProjectSettings, change: SettingsChange): SettingsChange {
  return Object.fromEntries(Object.keys(change).map((key) => [key, before[key as keyof ProjectSettings]]));
}

function differences(before: ProjectSettings, after: ProjectSettings): SettingsChange {
  const keys = Object.keys(after) as (keyof ProjectSettings)[];
  return Object.fromEntries(keys.filter((key) => !sameData(before[key], after[key])).map((key) => [key, after[key]]));
}

function readCount(text: string, range: Range): number | null {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return isWithin(value, range) ? value : null;
}

function isWithin(value: number, { least, most }: Range): boolean {
  return value >= least && value <= most;
}

function countRule({ least, most }: Range): string {
  return `Write a whole number from ${least} to ${most}.`;
}

function stallRule(): string {
  return `Write a time from ${spanText(limits.stallMs.least)} to ${count(limits.stallMs.most / 60_000)} min, such as 10 min.`;
}

function gatesProblem(gates: ProjectSettings['gates']): SettingsProblems {
  const issue = shape.gates.safeParse(gates).error?.issues[0];
  if (issue === undefined) return {};
  const [at] = issue.path;
  if (issue.code !== 'too_big') return { gates: issue.message };
  const most = count(Number(issue.maximum));
  return {
    gates: at === undefined ? `At most ${most} gates.` : `Gate ${Number(at) + 1} is longer than ${most} characters.`,
  };
}
