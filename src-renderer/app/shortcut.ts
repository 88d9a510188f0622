/** What a key press is called in shortcuts: `mod+k`, `shift+x`, `?`, `escape`. */
export function pressName(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}): string | null {
  if (['Control', 'Meta', 'Shift', 'Alt', 'CapsLock', 'Dead'].includes(event.key) || event.altKey) return null;
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const isLetter = /^[a-z]$/.test(key);
  // A shifted sign is its own sign already: "?" needs no "shift+".
  const shift = event.shiftKey && (isLetter || key.length > 1) ? 'shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${shift}${key}`;
}

/** What presses so far lead to: an action, the wish for another press, or nothing. */
export type ShortcutMatch<Target> =
  | { readonly kind: 'found'; readonly target: Target }
  | { readonly kind: 'partial' }
  | { readonly kind: 'none' };

/** Looks up the presses of a sequence. Of two targets with one shortcut the later wins. */
export function matchShortcut<Target extends { readonly shortcut?: string }>(
  presses: readonly string[],
  targets: readonly Target[],
): ShortcutMatch<Target> {
  const typed = presses.join(' ');
  const target = targets.findLast((each) => each.shortcut === typed);
  if (target !== undefined) return { kind: 'found', target };
  return targets.some((each) => each.shortcut?.startsWith(`${typed} `)) ? { kind: 'partial' } : { kind: 'none' };
}

/** Whether a press belongs to a field that is typed into and not to the panel. */
export function belongsToField(press: string, editable: boolean): boolean {
  return editable && press !== 'escape' && !press.startsWith('mod+');
}
