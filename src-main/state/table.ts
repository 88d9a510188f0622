/** Rows of the model in SQLite, and back: one declaration of columns serves reading and writing. */
import type { Database, Statement } from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';

/** How a property is stored. `null` is SQL's NULL in every kind. */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'json';

/** A kind for every property of the row: one that is forgotten does not compile. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: ColumnKind };

type SqlValue = string | number | null;

/** One table of rows with the properties that `columns` names. */
export class Table<Row extends object> {
  readonly name: string;
  readonly #names: readonly (keyof Row & string)[];
  readonly #kinds: readonly ColumnKind[];
  readonly #database: Database;
  readonly #selectList: string;
  readonly #get: Statement;
  readonly #has: Statement;
  readonly #put: Statement;
  readonly #remove: Statement;
  readonly #onWrite: (row: Row) => void;

  /**
   * `onWrite` hears of every row before it is put or removed. `withoutRowid` is how the table
   * was made: such a row is overwritten in place, where others would get a new row id.
   */
  constructor(
    database: Database,
    options: {
      readonly name: string;
      readonly key: readonly (keyof Row & string)[];
      readonly columns: Columns<Row>;
      readonly withoutRowid?: boolean;
      readonly onWrite?: (row: Row) => void;
    },
  ) {
    this.name = options.name;
    this.#database = database;
    this.#names = Object.keys(options.columns) as (keyof Row & string)[];
    this.#kinds = this.#names.map((name) => options.columns[name]);
    this.#onWrite = options.onWrite ?? (() => undefined);
    this.#selectList = this.#names.map((name) => `"${name}"`).join(', ');

    const whereKey = options.key.map((name) => `"${name}" = ?`).join(' AND ');
    const others = this.#names.filter((name) => !options.key.includes(name));
    this.#get = database.prepare(`SELECT ${this.#selectList} FROM ${this.name} WHERE ${whereKey}`).raw();
    this.#has = database.prepare(`SELECT 1 FROM ${this.name} WHERE ${whereKey}`).pluck();
    const into = `INTO ${this.name} (${this.#selectList}) VALUES (${this.#names.map(() => '?').join(', ')})`;
    this.#put = database.prepare(
      options.withoutRowid === true
        ? `INSERT OR REPLACE ${into}`
        : `INSERT ${into}
           ON CONFLICT (${options.key.map((name) => `"${name}"`).join(', ')})
           DO UPDATE SET ${others.map((name) => `"${name}" = excluded."${name}"`).join(', ')}`,
    );
    this.#remove = database.prepare(`DELETE FROM ${this.name} WHERE ${whereKey}`);
    this.#keyOf = (row) => options.key.map((name) => row[name] as SqlValue);
  }

  readonly #keyOf: (row: Row) => SqlValue[];

  get(...key: readonly SqlValue[]): Row | null {
    const values = this.#get.get(...key) as SqlValue[] | undefined;
    return values === undefined ? null : this.#decode(values);
  }

  has(...key: readonly SqlValue[]): boolean {
    return this.#has.get(...key) !== undefined;
  }

  /** Inserts the row, or replaces the one with its key. */
  put(row: Row): void {
    this.#onWrite(row);
    this.#put.run(...this.#encode(row));
  }

  remove(row: Row): void {
    this.#onWrite(row);
    this.#remove.run(...this.#keyOf(row));
  }

  /** Prepares `SELECT … FROM table <rest>`; an `ORDER BY` is the caller's duty where order matters. */
  query(rest: string): (...parameters: readonly SqlValue[]) => Row[] {
    const statement = this.#database.prepare(`SELECT ${this.#selectList} FROM ${this.name} ${rest}`).raw();
    return (...parameters) => (statement.all(...parameters) as SqlValue[][]).map((values) => this.#decode(values));
  }

  #decode(values: readonly SqlValue[]): Row {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < this.#names.length; at += 1) {
      const value = values[at] ?? null;
      const kind = this.#kinds[at];
      if (value === null) row[this.#names[at] as string] = null;
      else if (kind === 'json') row[this.#names[at] as string] = JSON.parse(value as string);
      else row[this.#names[at] as string] = kind === 'boolean' ? value === 1 : value;
    }
    return row as Row;
  }

  #encode(row: Row): SqlValue[] {
    return this.#names.map((name, at) => {
      const value: unknown = row[name];
      if (value === null || value === undefined) return null;
      switch (this.#kinds[at]) {
        case 'json':
          return JSON.stringify(value);
        case 'boolean':
          return value === true ? 1 : 0;
        case 'integer':
          // SQLite would keep a float as one, and floats do not belong in what nodes compare.
          assert(Number.isSafeInteger(value), `${this.name}.${name} must be a safe integer`);
          return value as number;
        default:
          assert(typeof value === 'string', `${this.name}.${name} must be text`);
          return value;
      }
    });
  }
}
