/** What all parts of a Compose file are read with: its variables, and the lists of what is left out or to be known. */
import type { YamlValue } from '../yaml-source.ts';

export class ComposeContext {
  readonly env: Readonly<Record<string, string>>;
  readonly unsupported: string[] = [];
  readonly warnings: string[] = [];

  constructor(env: Readonly<Record<string, string>>) {
    this.env = env;
  }

  /** Notes what Gantry does not do, by its place. */
  leaveOut(place: string, at: YamlValue, why: string): void {
    this.unsupported.push(`${place} (line ${at.line}): ${why}`);
  }

  /** Notes it once. */
  warn(text: string): void {
    if (!this.warnings.includes(text)) this.warnings.push(text);
  }

  /** A value of the environment; null where it is not set. */
  variable(name: string): string | null {
    return Object.hasOwn(this.env, name) ? (this.env[name] ?? null) : null;
  }

  /** Names with texts as a map or a list; a name alone takes its value from the environment. */
  texts(place: string, value: YamlValue): Record<string, string> {
    const found: [string, string][] = [];
    const add = (name: string, text: string | null): void => {
      const taken = text ?? this.variable(name);
      if (taken === null) this.warn(`${place}.${name}: it has no value here and is left out.`);
      else found.push([name, taken]);
    };
    if (value.kind === 'map') {
      for (const { key, value: given } of value.entries()) {
        if (given.kind === 'empty' || given.kind === 'scalar') add(key, given.text);
        else given.report(`"${key}" is ${given.describe()}. Expected text.`);
      }
    } else if (value.kind === 'list') {
      for (const item of value.items()) {
        const [, name, text = null] = /^([^=]+)(?:=(.*))?$/s.exec(item.text ?? '') ?? [];
        if (name === undefined) item.report(`${item.describe()} stands here. Expected NAME=text.`);
        else add(name, text);
      }
    } else if (value.kind !== 'empty') value.report(`"${value.label}" is ${value.describe()}. Expected a mapping.`);
    return Object.fromEntries(found);
  }

  /** A list of texts; a text alone is a list of one. */
  list(value: YamlValue): { text: string; at: YamlValue }[] {
    const items = value.kind === 'list' ? value.items() : [value];
    return items.flatMap((at) => {
      if (at.text !== null) return [{ text: at.text, at }];
      at.report(`${at.describe()} stands here. Expected text.`);
      return [];
    });
  }

  /** A whole number, also one that was put in as text. */
  number(value: YamlValue): number | undefined {
    const number = Number(value.text ?? Number.NaN);
    if (value.text?.trim() !== '' && Number.isFinite(number)) return number;
    return value.report(`"${value.label}" is ${value.describe()}. Expected a number.`);
  }
}
