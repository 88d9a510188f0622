/** Inserts rows many at a time: executing a statement costs more than the row that it writes. */
import type { Database, Statement } from 'better-sqlite3';

/** Rows of one statement, most first; the rest goes with the next smaller one. */
const rowCounts = [16, 4, 1] as const;

type SqlValue = string | number | Uint8Array | null;

/** Statements that insert 16, 4 or 1 rows into one table. */
export class RowInserter {
  readonly #columns: number;
  readonly #statements: readonly { readonly rows: number; readonly statement: Statement }[];

  /** `into` is what goes before `VALUES`, as in `INSERT INTO entry`; each row has `columns` values. */
  constructor(database: Database, into: string, columns: number) {
    this.#columns = columns;
    const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
    this.#statements = rowCounts.map((rows) => {
      const values = Array.from({ length: rows }, () => row).join(', ');
      return { rows, statement: database.prepare(`${into} VALUES ${values}`) };
    });
  }

  /** Inserts rows whose values follow each other in `values`, in order. */
  insert(values: readonly SqlValue[]): void {
    let at = 0;
    for (const { rows, statement } of this.#statements) {
      const width = rows * this.#columns;
      for (; at + width <= values.length; at += width) statement.run(values.slice(at, at + width));
    }
  }
}
