/** A run of text of one look. Always text, whatever an agent wrote. */
export interface Span {
  readonly text: string;
  readonly look: Look | null;
}
export type Look = 'good' | 'bad' | 'caution' | 'note' | 'faint' | 'strong';

const lookByCode: Readonly<Record<number, Look>> = {
  1: 'strong',
  2: 'faint',
  30: 'faint',
  31: 'bad',
  32: 'good',
  33: 'caution',
  34: 'note',
  35: 'note',
  36: 'note',
  90: 'faint',
  91: 'bad',
  92: 'good',
  93: 'caution',
  94: 'note',
  95: 'note',
  96: 'note',
};

const esc = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);

// ESC [ … letter, ESC ] … BEL or ESC \, and the two-byte rest.
const escapes = new RegExp(
  [
    `${esc}\\[([0-?]*)[ -/]*([@-~])`,
    `${esc}\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)?`,
    `${esc}[PX^_][^${esc}]*(?:${esc}\\\\)?`,
    `${esc}.`,
  ].join('|'),
  'gu',
);

// Control characters but tab and newline, and those that turn the direction of text around.
const unprintable = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Reads one line of terminal output: colours become looks, every other escape sequence and
 * control character is dropped. `look` is how the line before ended. A carriage return
 * overwrites what stood before it, as a progress bar does.
 */
export function ansiSpans(
  line: string,
  look: Look | null = null,
): { readonly spans: readonly Span[]; readonly look: Look | null } {
  const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line;
  const text = trimmed.slice(trimmed.lastIndexOf('\r') + 1);
  const spans: Span[] = [];
  let current = look;
  let from = 0;
  const add = (raw: string): void => {
    const clean = raw.replace(unprintable, '');
    if (clean !== '') spans.push({ text: clean, look: current });
  };
  for (const match of text.matchAll(escapes)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') current = lookAfter(match[1] ?? '', current);
  }
  add(text.slice(from));
  return { spans, look: current };
}

/** Whatever an agent wrote, as plain text. */
export function plainText(text: string): string {
  return text.replace(escapes, '').replace(unprintable, '');
}

function lookAfter(codes: string, look: Look | null): Look | null {
  let next = look;
  const numbers = codes.split(';').map((code) => (code === '' ? 0 : Number(code)));
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] ?? 0;
    // 38;5;n and 38;2;r;g;b name a colour that has no meaning here.
    if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4;
    else if (code === 0 || code === 39 || code === 22) next = null;
    else next = lookByCode[code] ?? next;
  }
  return next;
}
