import { keyCaps } from './key-caps.ts';
import './kbd.css';

/** A shortcut as keys are printed: `mod+k` reads "Ctrl K" or "⌘ K". */
export function Kbd({ shortcut }: { shortcut: string }) {
  return <kbd className="kbd">{keyCaps(shortcut)}</kbd>;
}
