/** Gantry's own format: YAML documents, each a `kind:` of resource with its words. */
import { secretNameSchema, volumeNameSchema } from '#shared/model/service-ids.ts';
import type { ServiceSpec } from '#shared/model/service-spec.ts';
import { checkedSpec } from './check-spec.ts';
import { findCycle } from './dependency-order.ts';
import type { Resources } from './resources.ts';
import { serviceWord } from './service-words.ts';
import { block, field, text, texts, type Word, wrong } from './word.ts';
import { type YamlValue, YamlSource } from './yaml-source.ts';

/** The kinds of resource that a file can have. */
export const resourceKinds = ['Service', 'Config', 'Volume', 'Secret'] as const;
type Kind = (typeof resourceKinds)[number];

/** A config as a file says it. */
export const configWord = block<{ name: string; text: string }>(
  'A Config',
  [field('name', 'name', text), field('text', 'text', text)],
  { defaults: {}, finish: withName('Config') },
);
/** A volume as a file says it. */
export const volumeWord = block<{ name: string; driver: string; options: Readonly<Record<string, string>> }>(
  'A Volume',
  [field('name', 'name', text), field('driver', 'driver', text), field('options', 'options', texts)],
  { defaults: { driver: 'local', options: {} }, finish: withName('Volume') },
);
/** A secret as a file says it: by name only. */
export const secretWord = block<{ name: string }>('A Secret', [field('name', 'name', text)], {
  defaults: {},
  finish: withName('Secret'),
});

/** Reads a file; throws `invalid-spec` with every problem and its place. */
export function readGantry(fileName: string, content: string): Resources {
  const source = new YamlSource(fileName, content);
  const documents = source.documents();
  const reader = new GantryReader(source);
  for (const document of documents) reader.read(document);
  if (source.problems.length === 0) reader.refuseCycle();
  source.refuseProblems();
  return reader.resources();
}

class GantryReader {
  readonly #source: YamlSource;
  readonly #services: { spec: ServiceSpec; at: YamlValue }[] = [];
  readonly #others: { kind: Exclude<Kind, 'Service'>; read: Record<string, unknown> }[] = [];
  /** By kind and name, for what is said twice. */
  readonly #lines = new Map<string, number>();

  constructor(source: YamlSource) {
    this.#source = source;
  }

  read(document: YamlValue): void {
    if (document.kind !== 'map') return wrong(document, 'a mapping with "kind:"');
    const kindAt = document.get('kind');
    const kind = resourceKinds.find((each) => each === kindAt?.text);
    if (kindAt === null) return document.report(`This has no "kind". Expected one of ${resourceKinds.join(', ')}.`);
    if (kind === undefined) return wrong(kindAt, `one of ${resourceKinds.join(', ')}`, resourceKinds);
    const body = document.without('kind');
    if (kind === 'Service') this.#readService(body);
    else this.#readOther(kind, body);
  }

  /** Services that wait for each other are refused where the first of them stands. */
  refuseCycle(): void {
    const cycle = findCycle(this.#services.map(({ spec }) => spec));
    const at = this.#services.find(({ spec }) => spec.name === cycle?.[0])?.at;
    if (cycle === null || at === undefined) return;
    (at.get('dependsOn') ?? at).report(
      `These services wait for each other: ${cycle.join(' → ')}. Expected dependencies without a circle.`,
    );
  }

  resources(): Resources {
    const of = (kind: Kind) => this.#others.filter((each) => each.kind === kind).map(({ read }) => read);
    const configs = of('Config').map(({ name, text: value }) => ({
      name: secretNameSchema.parse(name),
      text: String(value),
    }));
    const volumes = of('Volume').map(({ name, driver, options }) => ({
      name: volumeNameSchema.parse(name),
      driver: (driver ?? 'local') as string,
      options: (options ?? {}) as Record<string, string>,
    }));
    const secrets = of('Secret').map(({ name }) => ({ name: secretNameSchema.parse(name) }));
    const nothing = configs.length + volumes.length + secrets.length + this.#services.length === 0;
    return {
      services: this.#services.map(({ spec }) => spec),
      secrets,
      configs,
      volumes,
      unsupported: [],
      warnings: nothing ? [`${this.#source.fileName} names nothing.`] : [],
    };
  }

  #readService(body: YamlValue): void {
    const read = serviceWord.read(body);
    if (read === undefined) return;
    const spec = checkedSpec(read as Record<string, unknown>, body);
    if (spec === undefined) return;
    if (this.#isFirst('Service', spec.name, body)) this.#services.push({ spec, at: body });
  }

  #readOther(kind: Exclude<Kind, 'Service'>, body: YamlValue): void {
    if (kind === 'Secret' && refuseValue(body)) return;
    const words: Record<typeof kind, Word<never>> = { Config: configWord, Volume: volumeWord, Secret: secretWord };
    const read = words[kind].read(body) as Record<string, unknown> | undefined;
    if (read === undefined) return;
    if (kind === 'Config' && read['text'] === undefined) {
      return body.report('This Config has no "text". Expected its text, such as "text: |" with lines below.');
    }
    const schema = kind === 'Volume' ? volumeNameSchema : secretNameSchema;
    const name = schema.safeParse(read['name']);
    if (!name.success) return wrong(body.get('name') ?? body, `a name of ${name.error.issues[0]?.message ?? ''}`);
    if (this.#isFirst(kind, name.data, body)) this.#others.push({ kind, read });
  }

  #isFirst(kind: Kind, name: string, at: YamlValue): boolean {
    const key = `${kind} ${name}`;
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, at.line);
      return true;
    }
    at.report(`The ${kind} "${name}" is there twice, first in line ${line}. Expected each once.`);
    return false;
  }
}

function withName(kind: Kind) {
  return (read: Record<string, unknown>, at: YamlValue): Record<string, unknown> | undefined =>
    read['name'] === undefined ? at.report(`This ${kind} has no "name". Expected one.`) : read;
}

/** A value in a file would lie in the repository for ever. */
function refuseValue(body: YamlValue): boolean {
  const given = body.entries().find(({ key }) => ['value', 'text', 'data', 'fromFile', 'fromEnv'].includes(key));
  if (given === undefined) return false;
  const name = body.get('name')?.text ?? 'NAME';
  given.keyAt.report(
    `A file never carries a secret's value. Expected the name only; set the value with "gantry secret set ${name}" and take it out of this file.`,
  );
  return true;
}
