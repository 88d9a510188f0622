/** A plan as a person reads it before saying yes. */
import { styleText } from 'node:util';
import type { DeployPlan } from '#shared/contract/service-views.ts';

const marks = {
  create: { sign: '+', colour: 'green', word: 'new' },
  change: { sign: '~', colour: 'yellow', word: 'changes' },
  unchanged: { sign: '=', colour: 'gray', word: 'unchanged' },
  blocked: { sign: '!', colour: 'red', word: 'blocked' },
} as const;

/** One line an entry, its changes and reasons below it, then a summary. */
export function planLines(plan: DeployPlan, isColoured: boolean): string[] {
  const paint = (colour: 'green' | 'yellow' | 'gray' | 'red', text: string): string =>
    isColoured ? styleText(colour, text, { validateStream: false }) : text;
  const lines = plan.entries.flatMap(({ kind, name, action, changes, strategy, findings }) => {
    const { sign, colour, word } = marks[action];
    const how = strategy !== null && action === 'change' ? `  (${strategy})` : '';
    return [
      paint(colour, `${sign} ${kind} ${name}: ${word}${how}`),
      ...changes.map((change) => `    ${change.text}`),
      ...findings.flatMap(({ verdict, detail }) => {
        if (verdict === 'passed') return [];
        return [paint(verdict === 'failed' ? 'red' : 'yellow', `    ${verdict === 'failed' ? '✗' : '!'} ${detail}`)];
      }),
    ];
  });
  return [
    ...lines,
    ...section('Not taken over:', plan.unsupported),
    ...section('Good to know:', warningsNotShown(plan)),
    summary(plan),
  ];
}

/** "2 new, 1 changes, 3 unchanged." */
function summary({ entries }: DeployPlan): string {
  const count = (action: keyof typeof marks): number => entries.filter((entry) => entry.action === action).length;
  const parts = (Object.keys(marks) as (keyof typeof marks)[])
    .map((action) => ({ word: marks[action].word, count: count(action) }))
    .filter((part) => part.count > 0);
  return parts.length === 0
    ? 'Nothing is in this file.'
    : `${parts.map((part) => `${part.count} ${part.word}`).join(', ')}.`;
}

/** Those that are not an entry's finding already. */
function warningsNotShown({ entries, warnings }: DeployPlan): string[] {
  const shown = entries.flatMap(({ findings }) => findings.map(({ detail }) => detail));
  return warnings.filter((warning) => !shown.some((detail) => warning.endsWith(detail)));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `    ${line}`)];
}
