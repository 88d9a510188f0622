import { describe, expect, it } from 'vitest';
import { fail, ok } from '#shared/base/result.ts';
import type { Command } from './command.ts';
import type { Change } from './control-store.ts';
import {
  decodeChanges,
  decodeOutcome,
  decodeProposal,
  encodeChanges,
  encodeOutcome,
  encodeProposal,
} from './proposal.ts';
import { projectId, taskId } from './state.fixture.ts';

const command: Command = { kind: 'setting.put', atMs: 1, key: 'größe', value: '\u0000 "😀"\n' };

describe('a proposal', () => {
  it('comes back as it went, also from the middle of a larger buffer', () => {
    const proposal = { session: 's-1', sequence: 7, command };
    const bytes = encodeProposal(proposal);
    expect(decodeProposal(bytes)).toEqual(proposal);
    const larger = new Uint8Array(bytes.length + 8);
    larger.set(bytes, 5);
    expect(decodeProposal(larger.subarray(5, 5 + bytes.length))).toEqual(proposal);
  });

  it.each([
    ['no bytes', ''],
    ['garbage', '{]'],
    ['another format', '[2,"s",1,{"kind":"setting.put"}]'],
    ['no session', '[1,"",1,{"kind":"setting.put"}]'],
    ['no sequence', '[1,"s",0,{"kind":"setting.put"}]'],
    ['no command', '[1,"s",1,null]'],
  ])('throws on %s', (_name, text) => {
    expect(() => decodeProposal(Buffer.from(text))).toThrow();
  });
});

describe('an outcome', () => {
  it.each([ok(null), ok({ number: 3 }), fail({ code: 'not-found' as const, message: 'No.' })])('%o', (outcome) => {
    expect(decodeOutcome<'lane.open'>(encodeOutcome(outcome))).toEqual(outcome);
  });
});

describe('changes', () => {
  it('come back as they went; none take no bytes', () => {
    const changes: Change[] = [
      { table: 'task', id: taskId('a'), projectId },
      { table: 'setting', id: 'theme', projectId: null },
    ];
    expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
    expect(encodeChanges([])).toHaveLength(0);
    expect(decodeChanges(new Uint8Array(0))).toEqual([]);
  });
});
