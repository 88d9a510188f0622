/** The language of HAProxy's configuration: sections of lines of words. */

/** A headed list of lines. */
export interface Section {
  readonly head: string;
  readonly body: readonly string[];
}

/** The sections as a file. */
export function configText(sections: readonly Section[]): string {
  return sections.map(({ head, body }) => `${head}\n${body.map((line) => `  ${line}\n`).join('')}`).join('\n');
}

/** A word in which nothing has a meaning of its own. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
