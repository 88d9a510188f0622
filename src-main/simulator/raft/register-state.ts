/** The simulated cluster's state machine: registers, client sessions, and a hash over all that was ever applied. */
import { assert } from '#shared/base/assert.ts';
import type { ConfState, Entry } from '../../raft/core/message.ts';
import { initialValue, type Operation } from '../linearizability.ts';

/** What a client asks to have applied. A session applies each of its numbers once. */
export interface RegisterCommand {
  readonly session: number;
  readonly sequence: number;
  readonly kind: Exclude<Operation['kind'], 'read'>;
  readonly key: string;
  readonly value: number;
  readonly expected: number;
}

/** A copy of the whole state at one index: what a snapshot carries. */
export interface StateImage {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
  readonly registers: ReadonlyMap<string, number>;
  readonly sessions: ReadonlyMap<number, { sequence: number; answer: number }>;
  readonly hash: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Entries are shared by all simulated nodes, so each is read once. */
const decoded = new WeakMap<Uint8Array, RegisterCommand>();

export function encodeCommand(command: RegisterCommand): Uint8Array {
  return encoder.encode(JSON.stringify(command));
}

export function decodeCommand(data: Uint8Array): RegisterCommand {
  const known = decoded.get(data);
  if (known !== undefined) return known;
  const command = JSON.parse(decoder.decode(data)) as RegisterCommand;
  decoded.set(data, command);
  return command;
}

/** See the file's comment. */
export class RegisterState {
  #index: number;
  #term: number;
  #hash: number;
  readonly #registers: Map<string, number>;
  readonly #sessions: Map<number, { sequence: number; answer: number }>;
  /** The configuration in force; set by the host as changes are applied. */
  confState: ConfState;

  constructor(image: StateImage) {
    this.#index = image.index;
    this.#term = image.term;
    this.#hash = image.hash;
    this.#registers = new Map(image.registers);
    this.#sessions = new Map(image.sessions);
    this.confState = image.confState;
  }

  /** The state before the first entry. */
  static empty(confState: ConfState): StateImage {
    return { index: 0, term: 0, confState, registers: new Map(), sessions: new Map(), hash: 0 };
  }

  get index(): number {
    return this.#index;
  }

  get hash(): number {
    return this.#hash;
  }

  image(): StateImage {
    return {
      index: this.#index,
      term: this.#term,
      confState: this.confState,
      registers: new Map(this.#registers),
      sessions: new Map(this.#sessions),
      hash: this.#hash,
    };
  }

  read(key: string): number {
    return this.#registers.get(key) ?? initialValue;
  }

  /** Applies the next entry; answers a command's result, null for other entries. */
  apply(entry: Entry): number | null {
    assert(entry.index === this.#index + 1, `entry ${entry.index} does not follow ${this.#index}`);
    this.#index = entry.index;
    this.#term = entry.term;
    const answer = entry.kind === 'normal' ? this.#run(decodeCommand(entry.data)) : null;
    this.#hash = mixed(mixed(mixed(this.#hash, entry.term), entry.index), answer ?? 7);
    for (const byte of entry.data) this.#hash = mixed(this.#hash, byte);
    return answer;
  }

  #run(command: RegisterCommand): number {
    const session = this.#sessions.get(command.session);
    if (session !== undefined && session.sequence >= command.sequence) return session.answer;
    const answer = this.read(command.key);
    if (command.kind === 'write' || answer === command.expected) this.#registers.set(command.key, command.value);
    this.#sessions.set(command.session, { sequence: command.sequence, answer });
    return answer;
  }
}

/** One step of FNV-1a over a small integer. */
function mixed(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193) >>> 0;
}
