import { expect, test } from 'vitest';
import { GantryError } from '#shared/contract/error.ts';
import { LiveMap } from './live-map.ts';

function manual(): { map: LiveMap<number>; frame: () => void } {
  const due: (() => void)[] = [];
  const map = new LiveMap<number>((flush) => due.push(flush));
  return {
    map,
    frame: () => {
      for (const flush of due.splice(0)) flush();
    },
  };
}

test('gathers changes and tells of them once a frame, only to those concerned', () => {
  const { map, frame } = manual();
  map.snapshot(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
  frame();
  const heard: string[] = [];
  map.onKey('a', () => heard.push('a'));
  map.onKey('b', () => heard.push('b'));
  map.onIds(() => heard.push('ids'));
  map.change(new Map([['a', 3]]), []);
  map.change(new Map([['a', 4]]), []);
  expect(map.get('a')).toBe(1);
  frame();
  expect(map.get('a')).toBe(4);
  expect(heard).toEqual(['a']);
});

test('a snapshot replaces everything, also what was gathered before it', () => {
  const { map, frame } = manual();
  map.snapshot(new Map([['a', 1]]));
  map.change(new Map([['b', 9]]), []);
  map.snapshot(new Map([['c', 3]]));
  frame();
  expect(map.ids()).toEqual(['c']);
  expect(map.state()).toEqual({ state: 'ready' });
});

test('answers the same objects between two flushes', () => {
  const { map, frame } = manual();
  map.snapshot(new Map([['a', 1]]));
  frame();
  const { list, ids } = { list: map.list(), ids: map.ids() };
  map.change(new Map([['a', 2]]), []);
  expect(map.list()).toBe(list);
  frame();
  expect(map.list()).not.toBe(list);
  expect(map.ids()).toBe(ids);
});

test('removal is told, and a refusal is kept with its error', () => {
  const { map, frame } = manual();
  map.snapshot(new Map([['a', 1]]));
  frame();
  map.change(new Map(), ['a']);
  map.error(new GantryError('not-found', 'gone'));
  frame();
  expect(map.ids()).toEqual([]);
  expect(map.state()).toMatchObject({ state: 'failed' });
});
