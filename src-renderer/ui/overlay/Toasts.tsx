import { useEffect, useSyncExternalStore } from 'react';
import { Button } from '../button/Button.tsx';
import { IconButton } from '../button/IconButton.tsx';
import { Mark } from '../icon/Mark.tsx';
import { hideToast, toastQueue } from './toast-queue.ts';
import './toast.css';

const shownForMs = 8_000;

/** Where toasts appear: bottom left, one at a time. Stands once in the shell. */
export function Toasts() {
  const toast = useSyncExternalStore(toastQueue.subscribe, toastQueue.current);
  const number = toast?.number;
  useEffect(() => {
    if (number === undefined) return;
    const timer = setTimeout(() => hideToast(number), shownForMs);
    return () => clearTimeout(timer);
  }, [number]);
  return (
    // Told explicitly to be live, it is heard over a dialog too, which hides all else from assistive programs.
    <div className="toasts" role="status" aria-live="polite" aria-label="Announcements">
      {toast && (
        <div className="toast" key={toast.number}>
          <Mark shape={toast.shape} />
          <span className="grow">{toast.text}</span>
          {toast.action && (
            <Button
              size="small"
              onClick={() => {
                hideToast(toast.number);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton label="Dismiss" icon="x" onClick={() => hideToast(toast.number)} />
        </div>
      )}
    </div>
  );
}
