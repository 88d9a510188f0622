/** What commands answer with: a value for scripts, or lines for people. */
import type { Terminal } from './run-command.ts';

/** Cells of a table. */
export type Row = readonly (string | number)[];

/** With `json` the value on one line, else the lines. */
export function print(terminal: Terminal, json: boolean, value: unknown, lines: () => readonly string[]): void {
  if (json) terminal.result(JSON.stringify(value));
  else for (const line of lines()) terminal.result(line);
}

/** Aligned columns below their heads; `none` where there are no rows. */
export function table(head: Row, rows: readonly Row[], none: string): string[] {
  if (rows.length === 0) return [none];
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
