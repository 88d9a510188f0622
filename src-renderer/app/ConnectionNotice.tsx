import { useClientParts } from '../client/ClientContext.tsx';
import { useTimeText } from '../client/host-clock.ts';
import { useConnection } from '../client/use-stream.ts';
import { Button } from '../ui/button/Button.tsx';
import { Mark } from '../ui/icon/Mark.tsx';
import { Banner } from '../ui/state/Banner.tsx';
import { age, clockTime } from './text.ts';

/** Says over the view that what it shows is old, and how old. Nothing while the connection is live. */
export function ConnectionNotice() {
  const connection = useConnection();
  const { connection: control } = useClientParts();
  const text = useTimeText((nowMs) => {
    if (connection.state !== 'reconnecting') return '';
    if (connection.lostAtMs === null) return 'Gantry does not answer. Trying again.';
    return `Reconnecting. Data from ${clockTime(connection.lostAtMs)}, ${age(nowMs - connection.lostAtMs)} ago.`;
  });
  if (connection.state !== 'reconnecting') return null;
  return (
    <Banner
      tone="stale"
      className="view__notice"
      lead={<Mark shape="stale" label="Stale" />}
      actions={
        <Button size="small" onClick={control.retryNow}>
          Reconnect
        </Button>
      }
    >
      {text}
    </Banner>
  );
}
