import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { assert } from '#shared/base/assert.ts';
import { tableShapes } from './schema.ts';

/**
 * SHA-256 over every row of every table, sessions and applied index included, in lower-case
 * hex. Tables go by name, rows by key in binary order, columns as declared; each value carries
 * its type and length, so that no two states write the same bytes.
 */
export function hashState(database: Database): string {
  const hash = createHash('sha256');
  for (const table of tableShapes(database)) {
    hash.update(`table ${table.name} ${table.columns.join(' ')}\n`);
    const columns = table.columns.map((name) => `"${name}"`).join(', ');
    const order = table.keyColumns.map((name) => `"${name}"`).join(', ');
    assert(table.keyColumns.length > 0, `${table.name} needs a key to be hashed in a fixed order`);
    const rows = database.prepare(`SELECT ${columns} FROM "${table.name}" ORDER BY ${order}`).raw().iterate();
    for (const row of rows as IterableIterator<unknown[]>) {
      for (const value of row) {
        if (value === null) hash.update('null\n');
        else if (typeof value === 'number') hash.update(`number ${value}\n`);
        else if (typeof value === 'string') hash.update(`text ${value.length} ${value}\n`);
        else {
          assert(value instanceof Uint8Array, `${table.name} holds a value of an unexpected type`);
          hash.update(`bytes ${value.length} `).update(value).update('\n');
        }
      }
    }
  }
  return hash.digest('hex');
}
