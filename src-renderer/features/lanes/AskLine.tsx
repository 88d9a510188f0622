import { useState } from 'react';
import type { LaneAsk, LaneView } from '#shared/contract/views.ts';
import { useCall } from '../../app/use-call.ts';
import { Button } from '../../ui/button/Button.tsx';
import { type AskChoice, askChoices } from './ask-options.ts';

/** A request, in the row of its lane or over its story. It goes away once it is answered, here or elsewhere. */
export function AskLine({
  lane,
  ask,
  tabStop,
  role,
}: {
  lane: LaneView;
  ask: LaneAsk;
  tabStop: boolean;
  /** A cell where it stands in a row. */
  role?: 'gridcell';
}) {
  const { answer, sending } = useAnswer(lane, ask);
  return (
    <div className="lane__ask" role={role}>
      <code className="lane__cmd truncate" title={ask.command ?? ask.title}>
        {ask.command === null ? (
          ask.title
        ) : (
          <>
            <span className="tertiary">$</span> {ask.command}
          </>
        )}
      </code>
      {askChoices(ask).map((choice) => (
        <Button
          key={`${choice.optionId} ${choice.label}`}
          size="small"
          variant={choice.primary ? 'primary' : 'default'}
          {...(choice.shortcut ? { shortcut: choice.shortcut } : {})}
          tabIndex={tabStop ? 0 : -1}
          disabledReason={sending ? 'The answer is under way.' : null}
          onClick={() => void answer(choice)}
        >
          {choice.label}
        </Button>
      ))}
    </div>
  );
}

/** Answers one request, at most once. */
export function useAnswer(lane: LaneView, ask: LaneAsk | null) {
  const call = useCall();
  const [sent, setSent] = useState<string | null>(null);
  const requestId = ask?.requestId ?? null;
  const answer = async ({ optionId, forLane }: AskChoice): Promise<void> => {
    if (requestId === null || sent === requestId) return;
    setSent(requestId);
    const taken = await call('lane.answer', { laneId: lane.id, requestId, optionId, forLane });
    if (taken === null) setSent(null);
  };
  return { answer, sending: requestId !== null && sent === requestId };
}
