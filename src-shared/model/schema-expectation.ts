import type { z } from 'zod';

/** What a schema wants where it found something else, without its jargon: "expected at least 1". */
export function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'too_small') return `expected at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`;
  if (issue.code === 'invalid_type') return `expected ${issue.expected === 'int' ? 'a whole number' : issue.expected}`;
  if (issue.code === 'invalid_format' && !issue.message.startsWith('Invalid')) return `expected ${issue.message}`;
  if (issue.code === 'invalid_format') return `expected text like ${issue.pattern ?? issue.format}`;
  if (issue.code === 'invalid_key') return 'expected a name of letters, digits and underscores';
  return issue.message;
}
