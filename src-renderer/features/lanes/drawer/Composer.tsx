import { useState } from 'react';
import type { LaneView } from '#shared/contract/views.ts';
import { useCall } from '../../../app/use-call.ts';
import { IconButton } from '../../../ui/button/IconButton.tsx';
import { Kbd } from '../../../ui/label/Kbd.tsx';
import { composerId } from '../lane-actions.ts';
import { laneGroup } from '../lane-group.ts';

/** The line in which the person talks to the lane. */
export function Composer({ lane }: { lane: LaneView }) {
  const call = useCall();
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);
  const group = laneGroup(lane.status);
  if (group === 'merged' || group === 'stopped') return null;
  const reason = lane.can.message ? null : whyNot(lane);
  const send = async (): Promise<void> => {
    if (text.trim() === '' || sending || reason !== null) return;
    setSending(true);
    const taken = await call('lane.message', { laneId: lane.id, text });
    setSending(false);
    if (taken !== null) setText('');
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <input
        id={composerId}
        className="composer__field"
        value={text}
        aria-label={`Tell lane ${lane.number} something`}
        placeholder={reason ?? `Tell lane ${lane.number} something`}
        readOnly={reason !== null}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          event.currentTarget.blur();
        }}
      />
      {reason === null && <Kbd shortcut="m" />}
      <IconButton
        icon="send"
        label="Send"
        shortcut="enter"
        disabledReason={reason ?? (sending ? 'The message is under way.' : null)}
        onClick={() => void send()}
      />
    </form>
  );
}

function whyNot(lane: LaneView): string {
  switch (laneGroup(lane.status)) {
    case 'queued':
      return 'It has not started yet';
    case 'failed':
      return 'It has ended. Retry its task to go on';
    case 'stale':
      return 'Its worker does not answer';
    default:
      return `${lane.agentName} takes no messages now`;
  }
}
