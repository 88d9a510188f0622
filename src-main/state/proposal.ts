/**
 * What travels through the log and back, as JSON in UTF-8: bytes that every node decodes to
 * the same values, and that a person can read in a log they have to repair.
 */
import { assert } from '#shared/base/assert.ts';
import type { Command, CommandKind, CommandOutcome } from './command.ts';
import type { Change } from './control-store.ts';

/** One command as a client session proposes it. */
export interface Proposal {
  /** Names the client; a new one for every start of a process. */
  readonly session: string;
  /** Counts within the session, from 1. The same number is the same command, however often it arrives. */
  readonly sequence: number;
  readonly command: Command;
}

/** Raised when the meaning of a proposal changes; a node that does not know it stops rather than guess. */
const proposalFormat = 1;

const noBytes = new Uint8Array(0);

/** The data of a log entry of kind `normal`. */
export function encodeProposal(proposal: Proposal): Uint8Array {
  assert(proposal.session.length > 0 && proposal.session.length <= 100, 'a session is named in 1 to 100 characters');
  assert(Number.isSafeInteger(proposal.sequence) && proposal.sequence > 0, 'sequences count from 1');
  return encode([proposalFormat, proposal.session, proposal.sequence, proposal.command]);
}

/** Throws on bytes that `encodeProposal` of this version did not make: a committed entry is never guessed at. */
export function decodeProposal(data: Uint8Array): Proposal {
  const envelope = decode(data);
  assert(Array.isArray(envelope) && envelope.length === 4, 'a proposal has four parts');
  const [format, session, sequence, command] = envelope as [unknown, unknown, unknown, unknown];
  assert(format === proposalFormat, `proposal format ${String(format)} is not known to this version`);
  assert(typeof session === 'string' && session.length > 0, 'a proposal names its session');
  assert(typeof sequence === 'number' && Number.isSafeInteger(sequence) && sequence > 0, 'sequences count from 1');
  assert(typeof command === 'object' && command !== null && 'kind' in command, 'a proposal carries a command');
  return { session, sequence, command: command as Command };
}

/** What applying said, for the proposer. */
export function encodeOutcome(outcome: CommandOutcome<CommandKind>): Uint8Array {
  // Most commands answer null: one answer for all of them, never written to.
  if (outcome.ok && outcome.value === null) return acceptedWithNothing;
  return encode(outcome);
}

/** The reverse of `encodeOutcome`; the caller knows which kind it proposed. */
export function decodeOutcome<Kind extends CommandKind>(answer: Uint8Array): CommandOutcome<Kind> {
  const outcome = decode(answer);
  assert(typeof outcome === 'object' && outcome !== null && 'ok' in outcome, 'an answer says whether it is ok');
  return outcome as CommandOutcome<Kind>;
}

/** Zero bytes when nothing changed. */
export function encodeChanges(changes: readonly Change[]): Uint8Array {
  if (changes.length === 0) return noBytes;
  return encode(changes.map((change) => [change.table, change.id, change.projectId]));
}

/** The reverse of `encodeChanges`. */
export function decodeChanges(bytes: Uint8Array): Change[] {
  if (bytes.length === 0) return [];
  const rows = decode(bytes);
  assert(Array.isArray(rows), 'changes are a list');
  return (rows as [Change['table'], string, Change['projectId']][]).map(([table, id, projectId]) => ({
    table,
    id,
    projectId,
  }));
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

const acceptedWithNothing = encode({ ok: true, value: null });
