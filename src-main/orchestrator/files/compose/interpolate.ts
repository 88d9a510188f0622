/** `${NAME}`, `${NAME:-default}`, `${NAME:?why}`, `${NAME:+instead}`, `$NAME` and `$$` of the Compose specification. */

/** What came of a text. */
export interface Interpolated {
  readonly text: string;
  /** Names that had no value, and became empty. */
  readonly unset: readonly string[];
  /** Null, or what is wrong with the text. */
  readonly problem: string | null;
}

/** Puts values of `env` in; defaults may hold further names. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): Interpolated {
  const unset: string[] = [];
  let problem: string | null = null;
  const put = (part: string): string => {
    let out = '';
    let at = 0;
    while (at < part.length) {
      const dollar = part.indexOf('$', at);
      if (dollar < 0) return out + part.slice(at);
      out += part.slice(at, dollar);
      const next = part.charAt(dollar + 1);
      const plain = /^[A-Za-z_][A-Za-z0-9_]*/.exec(part.slice(dollar + 1));
      if (next === '$') {
        out += '$';
        at = dollar + 2;
      } else if (next === '{') {
        const end = closing(part, dollar + 2);
        if (end < 0) {
          problem ??= 'A "${" is not closed. Expected "${NAME}"; a dollar sign of its own is written $$.';
          return out + part.slice(dollar);
        }
        out += braced(part.slice(dollar + 2, end));
        at = end + 1;
      } else if (plain !== null) {
        out += valueOf(plain[0]);
        at = dollar + 1 + plain[0].length;
      } else {
        problem ??= `"${part}" has a dollar sign that names nothing. Expected "\${NAME}"; a dollar sign of its own is written $$.`;
        return out + part.slice(dollar);
      }
    }
    return out;
  };
  const valueOf = (name: string): string => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) unset.push(name);
    return value ?? '';
  };
  const braced = (inside: string): string => {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])(.*))?$/s.exec(inside);
    if (match === null) {
      problem ??= `"\${${inside}}" cannot be read. Expected a name such as "\${NAME}" or "\${NAME:-default}".`;
      return '';
    }
    const [, name = '', operator = '', word = ''] = match;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
    if (operator.endsWith('+')) return isSet ? put(word) : '';
    if (operator === '') return valueOf(name);
    if (isSet) return value;
    if (operator.endsWith('-')) return put(word);
    problem ??= `${name} must be set: ${word === '' ? 'the file cannot do without it' : put(word)}.`;
    return '';
  };
  return { text: put(text), unset, problem };
}

/** Where the brace that was opened before `from` closes; -1 without. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text.charAt(at) === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
