import { z } from 'zod';
import { GantryError } from '#shared/contract/error.ts';

/** One thing that is wrong with a file, as the host found it. Lines and columns count from 1. */
const fileProblemSchema = z.object({ line: z.number(), column: z.number(), message: z.string() });
export type FileProblem = z.infer<typeof fileProblemSchema>;

/** The problems of a refused file with their places; empty where the refusal names none. */
export function fileProblems(error: unknown): readonly FileProblem[] {
  if (!(error instanceof GantryError)) return [];
  const read = z.array(fileProblemSchema).safeParse(error.data);
  return read.success ? read.data : [];
}

/** The start and end of a line in a text, from 1; the end of the text for lines beyond it. */
export function lineRange(text: string, line: number): { readonly start: number; readonly end: number } {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf('\n', start);
    if (next === -1) return { start: text.length, end: text.length };
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return { start, end: end === -1 ? text.length : end };
}
