import type { ErrorCode } from '#shared/contract/error.ts';
import { useClientParts } from '../client/ClientContext.tsx';
import { Button } from '../ui/button/Button.tsx';
import { Brand } from '../ui/icon/Brand.tsx';
import { Blank } from '../ui/state/Blank.tsx';
import './refused.css';

const advice: Partial<Record<ErrorCode, { title: string; advice: string }>> = {
  unauthorised: {
    title: 'This address is not valid any more.',
    advice: 'Each start of Gantry makes a new one. Run npm start and open the address that it prints.',
  },
  'version-mismatch': {
    title: 'This page is of another version than Gantry.',
    advice: 'Reload it to get the page of the version that runs now.',
  },
};

/** Shown instead of everything when the host refuses the panel: why, and what to do. */
export function Refused({ code, message }: { code: ErrorCode; message: string }) {
  const { connection } = useClientParts();
  const known = advice[code];
  return (
    <main className="refused">
      <div className="refused__brand">
        <Brand />
        Gantry
      </div>
      <Blank
        roomy
        shape="failed"
        title={known?.title ?? 'Gantry refuses this panel.'}
        actions={
          code === 'version-mismatch' ? (
            <Button variant="primary" onClick={() => window.location.reload()}>
              Reload
            </Button>
          ) : (
            <Button onClick={connection.retryNow}>Try again</Button>
          )
        }
      >
        <p>{message}</p>
        {known && <p>{known.advice}</p>}
      </Blank>
    </main>
  );
}
