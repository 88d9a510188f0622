import type { Action } from './action-registry.ts';

/** Things that one can go to are many: so many are offered at once. */
const thingsMax = 12;

/**
 * The actions that fit what is searched for, the best first: those whose title begins with it, then those
 * that have it at the start of a word, then anywhere, then those that have all its words. Equals keep their
 * order. Without a search all are there but the things to go to, which are offered only when searched for.
 */
export function rankActions(actions: readonly Action[], search: string): readonly Action[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return actions.filter((action) => action.found !== true);
  const fitting = actions
    .map((action) => ({ action, rank: rankOf(action.title.toLowerCase(), words) }))
    .filter((each): each is { action: Action; rank: number } => each.rank !== null)
    .toSorted((a, b) => a.rank - b.rank);
  let things = 0;
  return fitting.flatMap(({ action }) => {
    if (action.found === true) things += 1;
    return action.found === true && things > thingsMax ? [] : [action];
  });
}

/** From 0 for the best; null for a title that lacks one of the words. */
function rankOf(title: string, words: readonly string[]): number | null {
  const whole = words.join(' ');
  if (title.startsWith(whole)) return 0;
  if (title.includes(` ${whole}`)) return 1;
  if (title.includes(whole)) return 2;
  if (!words.every((word) => title.includes(word))) return null;
  return words.every((word) => title.startsWith(word) || title.includes(` ${word}`)) ? 3 : 4;
}
