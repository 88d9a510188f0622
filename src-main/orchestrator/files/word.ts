/**
 * The building blocks of the table of words (`service-words.ts`): each reads a value of a file and
 * writes it back, so that what can be read can be exported, in the same words.
 */
import { formatDuration, formatSize, parseDuration, parseSize } from '#shared/base/quantities.ts';
import { nearestWord } from './nearest-word.ts';
import { shellWords } from '#shared/base/shell-words.ts';
import type { YamlValue } from './yaml-source.ts';

/** What YAML and JSON can carry. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export interface Word<Value> {
  /** Completes "Expected …". */
  readonly expected: string;
  /** The value as a spec has it, still to be checked by the spec's schema; undefined once a problem was reported. */
  read(value: YamlValue): unknown;
  write(value: Value): Plain;
}

/** One key of a block: where its value goes in the whole, and where it comes from. */
export interface Field<Whole> {
  readonly key: string;
  /** The field of the whole that it says. */
  readonly target: keyof Whole & string;
  read(value: YamlValue): unknown;
  /** Undefined where there is nothing to write: it is said by another key, or it is the default. */
  write(whole: Whole, defaults: Partial<Whole>): Plain | undefined;
}

/** Any scalar; numbers and flags as they were written. */
export const text: Word<string> = {
  expected: 'text',
  read: (value) => value.text ?? wrong(value, text.expected),
  write: (value) => value,
};

export const number: Word<number> = {
  expected: 'a number',
  read: (value) => (typeof value.scalar === 'number' ? value.scalar : wrong(value, number.expected)),
  write: (value) => value,
};

export const flag: Word<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value.scalar === 'boolean' ? value.scalar : wrong(value, flag.expected)),
  write: (value) => value,
};

/** Milliseconds. */
export const duration: Word<number> = {
  expected: 'a duration with its unit, such as 10s, 1m30s or 250ms',
  read: (value) => parseDuration(value.text ?? '') ?? wrong(value, duration.expected),
  write: formatDuration,
};

/** Bytes. */
export const size: Word<number> = {
  expected: 'a size with its unit, such as 256MB or 512KiB',
  read: (value) => parseSize(value.text ?? '') ?? wrong(value, size.expected),
  write: formatSize,
};

/** A command: a list of words, or one text that is split as a shell does. */
export const commandLine: Word<readonly string[]> = {
  expected: 'a list of words, or one text',
  read: (value) => {
    if (value.kind !== 'scalar') return listOf(text).read(value);
    return shellWords(value.text ?? '') ?? value.report('A quotation mark is not closed. Expected pairs of them.');
  },
  write: (value) => value,
};

/** One of a few. */
export function oneOf<Value extends string>(...values: readonly Value[]): Word<Value> {
  const expected = values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return {
    expected,
    read: (value) => values.find((each) => each === value.text) ?? wrong(value, expected, values),
    write: (value) => value,
  };
}

/** Null, for what can be turned off. */
export function orNothing<Value>(word: Word<Value>, nothing = 'null'): Word<Value | null> {
  const isNothing = (value: YamlValue): boolean =>
    value.kind === 'empty' || (nothing !== 'null' && value.text === nothing);
  return {
    expected: `${word.expected}, or ${nothing}`,
    read: (value) => (isNothing(value) ? null : word.read(value)),
    write: (value) => (value === null ? (nothing === 'null' ? null : nothing) : word.write(value)),
  };
}

export function listOf<Item>(word: Word<Item>): Word<readonly Item[]> {
  return {
    expected: `a list, each item ${word.expected}`,
    read: (value) => {
      if (value.kind !== 'list') return wrong(value, `a list, each item ${word.expected}`);
      const origins = new Map<PropertyKey, YamlValue>();
      const list = value.items().map((item, index) => {
        origins.set(index, item);
        return word.read(item);
      });
      value.source.origins.set(list, origins);
      return list;
    },
    write: (list) => list.map((item) => word.write(item)),
  };
}

/** Names with texts: a map, or a list of `NAME=text`. */
export const texts: Word<Readonly<Record<string, string>>> = {
  expected: 'names with texts',
  read: (value) => {
    const origins = new Map<PropertyKey, YamlValue>();
    const found: [string, unknown][] = [];
    if (value.kind === 'list') {
      for (const item of value.items()) {
        const [, key, given] = /^([^=]+)=(.*)$/s.exec(item.text ?? '') ?? [];
        if (key === undefined) wrong(item, 'NAME=text');
        else found.push([key, given]);
        if (key !== undefined) origins.set(key, item);
      }
    } else if (value.kind === 'map') {
      for (const { key, value: given } of value.entries()) {
        found.push([key, given.kind === 'empty' ? '' : text.read(given)]);
        origins.set(key, given);
      }
    } else return wrong(value, texts.expected);
    const read = Object.fromEntries(found);
    value.source.origins.set(read, origins);
    return read;
  },
  write: (value) => ({ ...value }),
};

/** A key that says one field, and is left out where the field is as it would be anyway. */
export function field<Whole, Name extends keyof Whole & string>(
  key: string,
  target: Name,
  word: Word<NonNullable<Whole[Name]>>,
): Field<Whole> {
  return {
    key,
    target,
    read: (value) => word.read(value),
    write: (whole, defaults) => {
      const value = whole[target];
      if (value === null || value === undefined || isSame(value, defaults[target])) return undefined;
      return word.write(value);
    },
  };
}

/** A key whose value goes through `read` and `write`, as where several keys say one field in different ways. */
export function said<Whole, Said>(
  key: string,
  target: keyof Whole & string,
  word: Word<Said>,
  way: { read: (value: unknown) => unknown; write: (whole: Whole, defaults: Partial<Whole>) => Said | undefined },
): Field<Whole> {
  return {
    key,
    target,
    read: (value) => {
      const read = word.read(value);
      return read === undefined ? undefined : way.read(read);
    },
    write: (whole, defaults) => {
      const value = way.write(whole, defaults);
      return value === undefined ? undefined : word.write(value);
    },
  };
}

/** A nullable field whose null is written, because its default is something else. */
export function fieldOrNothing<Whole, Name extends keyof Whole & string>(
  key: string,
  target: Name,
  word: Word<Whole[Name]>,
): Field<Whole> {
  return {
    key,
    target,
    read: (value) => word.read(value),
    write: (whole, defaults) => (isSame(whole[target], defaults[target]) ? undefined : word.write(whole[target])),
  };
}

/** A map with known keys. Anything else is a problem, with the key that was probably meant. */
export function block<Whole>(
  name: string,
  fields: readonly Field<Whole>[],
  options: {
    defaults: Partial<Whole>;
    /** Puts together what keys say together. */
    finish?: (read: Record<string, unknown>, at: YamlValue) => Record<string, unknown> | undefined;
  },
): Word<Whole> {
  const byKey = new Map(fields.map((each) => [each.key, each]));
  const keys = [...byKey.keys()];
  return {
    expected: `a mapping with ${keys.join(', ')}`,
    read: (value) => {
      if (value.kind !== 'map') return wrong(value, `a mapping with ${keys.join(', ')}`);
      const read: Record<string, unknown> = {};
      const origins = new Map<PropertyKey, YamlValue>();
      const saidBy = new Map<string, string>();
      let isWhole = true;
      for (const { key, keyAt, value: given } of value.entries()) {
        const known = byKey.get(key);
        if (known === undefined) {
          keyAt.report(unknownKey(key, name, keys));
          isWhole = false;
          continue;
        }
        const other = saidBy.get(known.target);
        if (other !== undefined) keyAt.report(`"${key}" says again what "${other}" says. Expected one of them.`);
        saidBy.set(known.target, key);
        const part = known.read(given);
        if (part === undefined) isWhole = false;
        else read[known.target] = part;
        origins.set(known.target, given);
      }
      if (!isWhole) return undefined;
      const finished = options.finish === undefined ? read : options.finish(read, value);
      if (finished !== undefined) value.source.origins.set(finished, origins);
      return finished;
    },
    write: (whole) =>
      Object.fromEntries(
        fields.flatMap((each) => {
          const written = each.write(whole, options.defaults);
          return written === undefined ? [] : [[each.key, written]];
        }),
      ),
  };
}

/** Reports what is there and what was expected instead. */
export function wrong(value: YamlValue, expected: string, known: readonly string[] = []): undefined {
  const nearest = nearestWord(value.text ?? '', known);
  const label = value.label === '' ? 'This' : `"${value.label}"`;
  const hint = nearest === null ? '' : ` Did you mean ${nearest}?`;
  return value.report(`${label} is ${value.describe()}. Expected ${expected}.${hint}`);
}

/** What is said of a key that nobody knows. */
export function unknownKey(key: string, of: string, keys: readonly string[]): string {
  const nearest = nearestWord(key, keys);
  return nearest === null
    ? `${of} has no "${key}". Expected one of ${keys.join(', ')}.`
    : `${of} has no "${key}". Did you mean "${nearest}"?`;
}

/** Equal as JSON, key order aside. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keysA = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keysA.length !== Object.keys(b).length) return false;
  return keysA.every(
    (key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
