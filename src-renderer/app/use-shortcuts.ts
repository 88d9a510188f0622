import { useEffect } from 'react';
import { offeredActions } from './action-registry.ts';
import { belongsToField, matchShortcut, pressName } from './shortcut.ts';

/** How long a sequence such as `g l` may take between two presses. */
const sequenceMs = 1_000;

/** Listens for the shortcuts of all offered actions. Stands once in the shell. */
export function useShortcuts(): void {
  useEffect(() => {
    let presses: string[] = [];
    let lastAtMs = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      const press = pressName(event);
      if (press === null || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (belongsToField(press, target !== null && isEditable(target))) return;
      if (target?.closest('[role="dialog"], [role="alertdialog"], [role="menu"]')) return;
      // Enter and Space press the control that has the focus.
      if ((press === 'enter' || press === 'space') && target?.closest('button, a, summary, [role="row"]')) return;
      presses = event.timeStamp - lastAtMs > sequenceMs ? [press] : [...presses, press];
      lastAtMs = event.timeStamp;
      let match = matchShortcut(presses, offeredActions());
      if (match.kind === 'none' && presses.length > 1) {
        presses = [press];
        match = matchShortcut(presses, offeredActions());
      }
      if (match.kind === 'partial') return;
      presses = [];
      if (match.kind === 'none' || (match.target.disabledReason ?? null) !== null) return;
      event.preventDefault();
      match.target.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isEditable(element: HTMLElement): boolean {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}
