const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

const named: Record<string, string> = {
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  arrowup: '↑',
  arrowdown: '↓',
};

/**
 * A shortcut as keys are printed. `mod` is Control, on Apple keyboards Command; keys of one
 * press are joined with `+`, presses that follow each other with a space: `mod+k`, `g l`.
 */
export function keyCaps(shortcut: string, apple: boolean = isApple): string {
  return shortcut
    .split(' ')
    .flatMap((press) => press.split(/\+(?=.)/))
    .map((key) => {
      if (key === 'mod') return apple ? '⌘' : 'Ctrl';
      if (key === 'shift') return '⇧';
      return named[key] ?? key.toUpperCase();
    })
    .join(' ');
}
