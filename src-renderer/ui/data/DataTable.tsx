import type { ReactNode } from 'react';
import './table.css';

/** One column of a table. */
export interface Column<Row> {
  readonly id: string;
  readonly head: ReactNode;
  /** Numbers stand at the end of their cell. */
  readonly numeric?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

/** A table of a few rows; for many, see `VirtualGrid`. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    <table className="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} scope="col" className={column.numeric ? 'num' : undefined}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.id} className={column.numeric ? 'num' : undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
