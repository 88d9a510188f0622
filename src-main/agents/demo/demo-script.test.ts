import { describe, expect, it } from 'vitest';
import { hasConflictMarkers, resolveKeepingBoth } from './conflict-markers.ts';
import { readDemoScript } from './demo-script.ts';

describe('readDemoScript', () => {
  it('reads the steps of its block and of no other', () => {
    const prompt =
      'Do.\n```js\n- say: no\n```\n```demo\n- say: hi\n- wait: 5\n```\n```demo rework\n- run: {command: x, mayFail: true}\n```\n';
    expect(readDemoScript(prompt, 'demo')).toEqual({ ok: true, value: [{ say: 'hi' }, { wait: 5 }] });
    expect(readDemoScript(prompt, 'demo rework')).toEqual({
      ok: true,
      value: [{ run: { command: 'x', mayFail: true } }],
    });
    expect(readDemoScript('Do.', 'demo')).toEqual({ ok: true, value: null });
  });

  it.each([
    ['- say: [', /not YAML/],
    ['say: hi', /list of steps/],
    ['- say: hi\n- jump: 3', /Step 2 .*expected one of say/],
    ['- edit: {path: ../out, text: x}', /Step 1 .*within the worktree/],
    ['- edit: {path: /etc/passwd, text: x}', /within the worktree/],
    ['- wait: soon', /Step 1 .*wait/],
  ])('says what is wrong with %j', (script, reason) => {
    const read = readDemoScript(`\`\`\`demo\n${script}\n\`\`\`\n`, 'demo');
    expect(read).toMatchObject({ ok: false, error: expect.stringMatching(reason) });
  });
});

describe('resolveKeepingBoth', () => {
  it('keeps both sides, ours first, without the common base', () => {
    const text = 'a\n<<<<<<< HEAD\nours\n||||||| base\nold\n=======\ntheirs\n>>>>>>> main\nb\n';
    expect(resolveKeepingBoth(text)).toEqual({ text: 'a\nours\ntheirs\nb\n', resolved: 1 });
  });

  it('says once what both sides say', () => {
    const text = '<<<<<<< HEAD\nsame\n=======\nsame\n>>>>>>> main\n';
    expect(resolveKeepingBoth(text).text).toBe('same\n');
  });

  it.each(['=======\ntitle\n', '<<<<<<< HEAD\nours\n=======\ntheirs\n', '<<<<<<<x\n'])(
    'leaves alone what is no conflict: %j',
    (text) => {
      expect(hasConflictMarkers(text)).toBe(false);
      expect(resolveKeepingBoth(text).text).toBe(text);
    },
  );
});
