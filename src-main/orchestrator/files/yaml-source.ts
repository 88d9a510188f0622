/** A YAML file whose values know where they stand, so that whatever is wrong is said with line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import { GantryError } from '#shared/contract/error.ts';

/** One thing that is wrong. Lines and columns count from 1. */
export interface FileProblem {
  readonly line: number;
  readonly column: number;
  /** What is wrong and what was expected, without the place. */
  readonly message: string;
}

const problemsMax = 20;
/** A file that refers to itself over and over is refused before it fills the memory. */
const aliasesMax = 5_000;
const mergeDepthMax = 20;

/** Replaces what stands in a text, such as `${NAME}`; `report` says what is wrong with it. */
export type Interpolate = (text: string, report: (message: string) => void) => string;

export class YamlSource {
  readonly fileName: string;
  readonly problems: FileProblem[] = [];
  /** Where the parts of what was read stood: by object or list, then by its own keys. */
  readonly origins = new WeakMap<object, Map<PropertyKey, YamlValue>>();
  readonly #lines = new LineCounter();
  readonly #documents: Document.Parsed[];
  #aliases = 0;

  /** Parses; syntax errors are among the problems, and there are no documents then. */
  constructor(fileName: string, text: string, interpolate: Interpolate | null = null) {
    this.fileName = fileName;
    const parsed = parseAllDocuments(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
    const documents = 'empty' in parsed ? [] : parsed;
    for (const { errors } of documents) {
      for (const error of errors) {
        this.#reportAt(error.pos[0], `This is not valid YAML: ${error.message.replace(/\.?\s*$/, '')}.`);
      }
    }
    this.#documents = this.problems.length > 0 ? [] : documents;
    if (interpolate !== null) {
      for (const document of this.#documents) this.#interpolate(document, interpolate);
    }
  }

  /** The documents that say anything. */
  documents(): YamlValue[] {
    return this.#documents
      .map((document) => new YamlValue(this, document, document.contents, document.contents))
      .filter((value) => value.kind !== 'empty');
  }

  /** Says that something is wrong at a node. */
  report(node: Node | null, message: string): void {
    this.#reportAt(node?.range?.[0] ?? 0, message);
  }

  /** Counts from 1. */
  lineOf(node: Node | null): number {
    return Math.max(1, this.#lines.linePos(node?.range?.[0] ?? 0).line);
  }

  /** What an alias stands for. */
  resolve(document: Document.Parsed, node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    this.#aliases += 1;
    if (this.#aliases === aliasesMax) this.report(node, `This file uses its anchors more than ${aliasesMax} times.`);
    return this.#aliases >= aliasesMax ? null : (node.resolve(document) ?? null);
  }

  /** Throws `invalid-spec` that names every problem, one a line: `stack.yaml:4:7: …`. */
  refuseProblems(): void {
    if (this.problems.length === 0) return;
    const inOrder = this.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const shown = inOrder.slice(0, problemsMax);
    const more = inOrder.length - shown.length;
    const lines = shown.map((each) => `${this.fileName}:${each.line}:${each.column}: ${each.message}`);
    throw new GantryError('invalid-spec', [...lines, ...(more > 0 ? [`and ${more} more.`] : [])].join('\n'), {
      data: inOrder.map((each) => ({ file: this.fileName, ...each })),
    });
  }

  #interpolate(document: Document.Parsed, interpolate: Interpolate): void {
    visit(document, {
      Scalar: (key, node) => {
        if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
        node.value = interpolate(node.value, (message) => this.report(node, message));
      },
    });
  }

  #reportAt(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ line: Math.max(line, 1), column: Math.max(col, 1), message });
  }
}

/** One value of the file. */
export class YamlValue {
  readonly source: YamlSource;
  readonly #document: Document.Parsed;
  readonly #node: Node | null;
  /** Where it is said to stand when it is empty. */
  readonly #near: Node | null;
  #hidden: string | null = null;
  /** The key that it stands under; empty for a document or an item. */
  readonly label: string;

  constructor(source: YamlSource, document: Document.Parsed, node: Node | null, near: Node | null, label = '') {
    this.source = source;
    this.#document = document;
    this.#near = node ?? near;
    this.#node = source.resolve(document, node);
    this.label = label;
  }

  get kind(): 'map' | 'list' | 'scalar' | 'empty' {
    const node = this.#node;
    if (isMap(node)) return 'map';
    if (isSeq(node)) return 'list';
    return isScalar(node) && node.value !== null ? 'scalar' : 'empty';
  }

  /** Counts from 1. */
  get line(): number {
    return this.source.lineOf(this.#near);
  }

  /** As text: numbers and flags as they were written. Null for maps, lists and nothing. */
  get text(): string | null {
    const scalar = this.#scalar();
    if (scalar === null) return null;
    return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
  }

  /** What YAML takes a scalar for. Null for maps, lists and nothing. */
  get scalar(): unknown {
    return this.#scalar()?.value ?? null;
  }

  /** The pairs of a map, merge keys (`<<`) resolved: what stands in the map itself comes before what it merges. */
  entries(): { key: string; keyAt: YamlValue; value: YamlValue }[] {
    const all = new Map<string, { key: string; keyAt: YamlValue; value: YamlValue }>();
    this.#collect(all, 0);
    return [...all.values()].filter(({ key }) => key !== this.#hidden);
  }

  /** The value under a key; null when there is none. */
  get(key: string): YamlValue | null {
    return this.entries().find((entry) => entry.key === key)?.value ?? null;
  }

  /** The same map but for one key. */
  without(key: string): YamlValue {
    const rest = new YamlValue(this.source, this.#document, this.#node, this.#near, this.label);
    rest.#hidden = key;
    return rest;
  }

  /** The items of a list. */
  items(): YamlValue[] {
    const node = this.#node;
    if (!isSeq(node)) return [];
    return node.items.map((item) => new YamlValue(this.source, this.#document, item as Node | null, node, this.label));
  }

  /** Says that something is wrong here; answers undefined, for `return value.report(…)`. */
  report(message: string): undefined {
    this.source.report(this.#near, message);
    return undefined;
  }

  /** In words: "a list", "the number 3", "nothing". */
  describe(): string {
    if (this.kind === 'map') return 'a mapping';
    if (this.kind === 'list') return 'a list';
    if (this.kind === 'empty') return 'nothing';
    const value = this.scalar;
    if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
    return typeof value === 'number' ? `the number ${this.text ?? ''}` : String(value);
  }

  #scalar(): Scalar | null {
    return isScalar(this.#node) && this.#node.value !== null ? this.#node : null;
  }

  #collect(all: Map<string, { key: string; keyAt: YamlValue; value: YamlValue }>, depth: number): void {
    const node = this.#node;
    if (!isMap(node)) return;
    if (depth > mergeDepthMax) return this.report('Merges are nested too deep here.');
    const merged: YamlValue[] = [];
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = isScalar(keyNode) ? String(keyNode.value) : '';
      const value = new YamlValue(this.source, this.#document, pair.value as Node | null, keyNode, key);
      if (key === '<<') merged.push(...(value.kind === 'list' ? value.items() : [value]));
      else if (!all.has(key)) {
        all.set(key, { key, keyAt: new YamlValue(this.source, this.#document, keyNode, keyNode, key), value });
      }
    }
    for (const other of merged) {
      if (other.kind === 'map') other.#collect(all, depth + 1);
      else other.report(`Expected a mapping to merge, found ${other.describe()}.`);
    }
  }
}
