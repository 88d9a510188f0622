/** A piece of a sentence: words, or something that stands as code. */
export interface TextPart {
  readonly text: string;
  readonly code: boolean;
}

/**
 * Sets commands and paths in a step apart: what stands in backticks, and what follows a verb
 * such as "Editing" when it looks like a path or a command line.
 */
export function stepParts(step: string): readonly TextPart[] {
  if (step.includes('`')) {
    return step
      .split('`')
      .map((text, at) => ({ text, code: at % 2 === 1 }))
      .filter((part) => part.text !== '');
  }
  const match =
    /^(Editing|Edited|Added|Deleted|Reading|Running|Creating|Deleting|Searching|Fetching) (.+?)(, .*)?$/.exec(step);
  const [, verb, object, rest = ''] = match ?? [];
  if (verb === undefined || object === undefined || !/[\s./_-]/.test(object)) return [{ text: step, code: false }];
  return [
    { text: `${verb} `, code: false },
    { text: object, code: true },
    ...(rest === '' ? [] : [{ text: rest, code: false }]),
  ];
}
