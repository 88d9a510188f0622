/** The rows of `log.db` and their checksums. SQLite's own checksums protect its WAL, not the main file. */
import { crc32 } from 'node:zlib';
import type { ConfState, Entry, HardState, PeerId, SnapshotMeta } from '../core/message.ts';
import { UntrustedDataError } from './storage-error.ts';

/** Version of the layout below; another one is refused rather than misread. */
export const logFormat = 1;

export const logSchema = `
  CREATE TABLE IF NOT EXISTS node (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    format INTEGER NOT NULL,
    group_number INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    term INTEGER NOT NULL,
    vote INTEGER NOT NULL,
    commit_index INTEGER NOT NULL,
    base_index INTEGER NOT NULL,
    base_term INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS entry (
    log_index INTEGER PRIMARY KEY,
    term INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
`;

/** What a node must remember besides its entries. */
export interface NodeRecord {
  readonly group: number;
  readonly peer: PeerId;
  readonly hardState: HardState;
  /** The entry before the first one that is kept. */
  readonly baseIndex: number;
  readonly baseTerm: number;
  /** The newest snapshot file; null before the first. */
  readonly snapshot: SnapshotMeta | null;
}

export interface NodeRow {
  readonly format: number;
  readonly group_number: number;
  readonly peer: number;
  readonly term: number;
  readonly vote: number;
  readonly commit_index: number;
  readonly base_index: number;
  readonly base_term: number;
  readonly snapshot: string;
  readonly checksum: number;
}

export interface EntryRow {
  readonly log_index: number;
  readonly term: number;
  readonly kind: number;
  readonly checksum: number;
  readonly data: Uint8Array;
}

const kinds = ['normal', 'empty', 'conf-change'] as const satisfies readonly Entry['kind'][];

/** The number that stands for a kind of entry on disk and between nodes. */
export function kindNumber(kind: Entry['kind']): number {
  return kinds.indexOf(kind);
}

/** The kind behind a number; undefined for one that this version does not know. */
export function kindOf(number: number): Entry['kind'] | undefined {
  return kinds[number];
}

const head = new DataView(new ArrayBuffer(17));
const headBytes = new Uint8Array(head.buffer);

/** Checksum over everything that an entry says. */
export function entryChecksum(index: number, term: number, kind: number, data: Uint8Array): number {
  head.setFloat64(0, index);
  head.setFloat64(8, term);
  head.setUint8(16, kind);
  return crc32(data, crc32(headBytes));
}

/** Throws `UntrustedDataError` unless the row is what was written. */
export function toEntry(row: EntryRow): Entry {
  const kind = kindOf(row.kind);
  if (kind === undefined || entryChecksum(row.log_index, row.term, row.kind, row.data) !== row.checksum) {
    throw new UntrustedDataError(`log entry ${row.log_index} does not match its checksum`);
  }
  return { term: row.term, index: row.log_index, kind, data: row.data };
}

/** Values of a `node` row, in the order of its columns, without `only`. */
export function toNodeValues(record: NodeRecord): (number | string)[] {
  const { group, peer, hardState, baseIndex, baseTerm, snapshot } = record;
  const values = [
    logFormat,
    group,
    peer,
    hardState.term,
    hardState.vote,
    hardState.commit,
    baseIndex,
    baseTerm,
    snapshot === null ? '' : JSON.stringify(snapshot),
  ];
  return [...values, crc32(values.join('\n'))];
}

function toSnapshotMeta(text: string): SnapshotMeta | null {
  if (text === '') return null;
  const { index, term, confState } = JSON.parse(text) as { index: number; term: number; confState: ConfState };
  return { index, term, confState };
}

/** Throws `UntrustedDataError` unless the row is what was written. */
export function toNodeRecord(row: NodeRow): NodeRecord {
  if (row.format !== logFormat) {
    throw new UntrustedDataError(`log.db has format ${row.format}; this version reads format ${logFormat}`);
  }
  const { format, group_number, peer, term, vote, commit_index, base_index, base_term, snapshot } = row;
  const values = [format, group_number, peer, term, vote, commit_index, base_index, base_term, snapshot];
  if (crc32(values.join('\n')) !== row.checksum) {
    throw new UntrustedDataError("the node's term and vote do not match their checksum");
  }
  return {
    group: group_number,
    peer,
    hardState: { term, vote, commit: commit_index },
    baseIndex: base_index,
    baseTerm: base_term,
    snapshot: toSnapshotMeta(snapshot),
  };
}
