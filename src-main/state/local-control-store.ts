/** The control store without Raft: one node, one file, the same commands and the same rules. */
import { randomUUID } from 'node:crypto';
import { type Disposable, toDisposable } from '#shared/base/disposable.ts';
import { Emitter, type Event } from '#shared/base/emitter.ts';
import { assertDefined } from '#shared/base/assert.ts';
import { GantryError } from '#shared/contract/error.ts';
import type { ConfState } from '../raft/core/message.ts';
import type { StateMachine } from '../raft/host/state-machine.ts';
import type { ChangeSet, ControlStore, StateReader } from './control-store.ts';
import { decodeChanges, decodeOutcome, encodeProposal } from './proposal.ts';
import { openStateMachine } from './state-machine.ts';
import { type OpenStateReader, openStateReader } from './state-reader.ts';

/** A control store that owns its files until it is disposed. */
export type LocalControlStore = ControlStore & Disposable & { readonly machine: StateMachine };

/** Opens or makes the state in `path`. Every accepted command is durable before it is answered. Throws `StateCorruptError`. */
export function localControlStore(path: string): LocalControlStore {
  const machine = openStateMachine(path, { durability: 'state' });
  try {
    return new SingleNodeStore(machine, openStateReader(path));
  } catch (error) {
    machine.close();
    throw error;
  }
}

const onlyTerm = 1;
const onlyNode: ConfState = { voters: [1], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };

class SingleNodeStore implements LocalControlStore {
  readonly machine: StateMachine;
  readonly #reader: OpenStateReader;
  readonly #session = randomUUID();
  readonly #changed = new Emitter<ChangeSet>();
  readonly #undelivered: ChangeSet[] = [];
  readonly #release: Disposable;
  #sequence = 0;
  #isDelivering = false;

  constructor(machine: StateMachine, reader: OpenStateReader) {
    this.machine = machine;
    this.#reader = reader;
    this.#release = toDisposable(() => {
      this.#changed.dispose();
      reader.close();
      machine.close();
    });
  }

  get read(): StateReader {
    return this.#reader;
  }

  get onDidChange(): Event<ChangeSet> {
    return this.#changed.event;
  }

  readonly propose: ControlStore['propose'] = async (command) => {
    this.#sequence += 1;
    const data = encodeProposal({ session: this.#session, sequence: this.#sequence, command });
    const index = this.machine.applied().index + 1;
    const [applied] = this.#apply(index, data);
    const { answer, changes } = assertDefined(applied, 'one entry gives one result');
    this.#undelivered.push({ index, changes: decodeChanges(changes) });
    this.#deliver();
    return decodeOutcome(answer);
  };

  async barrier(): Promise<void> {
    // What was proposed is applied before `propose` returns: there is nothing to wait for.
  }

  dispose(): void {
    this.#release.dispose();
  }

  #apply(index: number, data: Uint8Array) {
    try {
      return this.machine.apply([{ index, term: onlyTerm, kind: 'normal', data }], onlyNode);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL') {
        throw new GantryError(
          'disk-full',
          'The disk is full, so the change was not made. What was there before is kept; free some space and start Gantry again.',
          { cause: error },
        );
      }
      throw error;
    }
  }

  /** A listener may propose in turn; every listener still gets one index after the other. */
  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
        this.#changed.fire(next);
      }
    } finally {
      this.#isDelivering = false;
    }
  }
}
