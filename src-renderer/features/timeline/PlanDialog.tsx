import { useCallback, useEffect, useRef } from 'react';
import type { Checkpoint, Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import { clockTime } from '../../app/text.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { Bones } from '../../ui/state/Bones.tsx';
import { PlanBody } from './PlanBody.tsx';
import { planIsOutdated, planObject, planTitle } from './plan-words.ts';
import { shortCommit } from './timeline-entry.ts';
import { closePlan, setTimelineView } from './timeline-view-state.ts';
import { useRollbackPlan } from './use-rollback-plan.ts';
import { rolledBackText, useUndo } from './use-undo.ts';
import './plan.css';

/**
 * What going back to a checkpoint would do, computed for the state as it is now. One
 * confirmation executes it; a plan that the branch has outrun is computed again first.
 */
export function PlanDialog({
  checkpoint,
  checkpoints,
}: {
  checkpoint: Checkpoint;
  checkpoints: readonly Checkpoint[];
}) {
  const undo = useUndo();
  const cancel = useRef<HTMLButtonElement>(null);
  const said = useRef('');
  const onDone = useCallback(
    (rollback: Rollback) => {
      closePlan();
      showToast({
        shape: 'done',
        text: rolledBackText(rollback, said.current),
        action: { label: 'Undo', run: () => undo(rollback.id) },
      });
    },
    [undo],
  );
  const { state, again, confirm } = useRollbackPlan(checkpoint.id, onDone);
  const plan = state.state === 'computing' ? null : state.plan;
  const outdated = state.state === 'outdated' || (state.state === 'ready' && planIsOutdated(state.plan, checkpoints));
  const object = plan === null ? '' : planObject(plan);
  const isNothing = plan !== null && plan.commits.length === 0 && plan.services.length === 0;
  useEffect(() => {
    if (plan === null) return;
    setTimelineView({
      takenBack: new Set(plan.commits.map((commit) => commit.commit)),
      servicesBack: new Map(plan.services.map((service) => [service.serviceId, service.toRevision])),
    });
  }, [plan]);

  return (
    <Dialog
      open
      bare
      place="end"
      onClose={closePlan}
      initialFocus={cancel}
      title={planTitle(checkpoint, plan)}
      description={<Description plan={plan} state={state.state} />}
      footer={
        <>
          <p className="tertiary">
            {plan !== null && (
              <>
                Computed {clockTime(plan.computedAtMs)} for <code>{plan.branch}</code> at{' '}
                <code>{shortCommit(plan.headCommit)}</code>; refused if anything has moved since. Undo is one click and
                stays in this list.
              </>
            )}
          </p>
          <Button ref={cancel} size="large" className="plan__cancel" onClick={closePlan}>
            {state.state === 'running' ? 'Hide' : isNothing ? 'Close' : 'Cancel'}
          </Button>
          {(outdated || state.state === 'failed') && (
            <Button size="large" variant="primary" icon="retry" onClick={again}>
              Compute again
            </Button>
          )}
          {!outdated && state.state !== 'failed' && !isNothing && (
            <Button
              size="large"
              variant="confirm"
              icon="undo"
              disabledReason={
                state.state === 'computing'
                  ? 'The plan is being computed.'
                  : state.state === 'running'
                    ? 'The rollback runs.'
                    : null
              }
              onClick={() => {
                if (plan === null) return;
                said.current = object;
                void confirm(plan);
              }}
            >
              {state.state === 'running' ? `Rolling back ${object}` : `Roll back ${object}`.trim()}
            </Button>
          )}
        </>
      }
    >
      {state.state === 'computing' && (
        <div className="plan">
          <Bones rows={4} label="Computing the plan" />
        </div>
      )}
      {outdated && (
        <Notice>
          <b>This plan is outdated.</b> {outdatedWhy(state)}
        </Notice>
      )}
      {state.state === 'failed' && (
        <Notice failed>
          <b>{state.plan === null ? 'The plan cannot be computed.' : 'Nothing was rolled back.'}</b> {state.why}
        </Notice>
      )}
      {state.state === 'running' && (
        <Notice running>
          <b>The rollback runs.</b> It goes on when this is hidden.
        </Notice>
      )}
      {plan !== null && !isNothing && <PlanBody plan={plan} old={outdated} />}
    </Dialog>
  );
}

function outdatedWhy(state: { readonly state: string; readonly why?: string | null }): string {
  return state.why ?? 'The branch has moved since it was computed. Nothing was changed.';
}

function Description({ plan, state }: { plan: RollbackPlan | null; state: string }) {
  if (plan === null) return state === 'computing' ? 'Computing what it would do. Nothing is changed yet.' : null;
  const { commits, services, branch, toCommit } = plan;
  if (commits.length === 0 && services.length === 0) {
    return (
      <>
        <b>Nothing to roll back.</b> <code>{branch}</code> has the files of <code>{shortCommit(toCommit)}</code>{' '}
        already, and every service the revision of then.
      </>
    );
  }
  const things = commits.length + services.length;
  return (
    <>
      <b>
        {planObject(plan)} {things === 1 ? 'is' : 'are'} undone.
      </b>{' '}
      {commits.length === 0 ? (
        <>
          <code>{branch}</code> stays as it is.
        </>
      ) : (
        <>
          <code>{branch}</code> gets {commits.length} revert {commits.length === 1 ? 'commit' : 'commits'} and ends with
          the files of <code>{shortCommit(toCommit)}</code>.
        </>
      )}
    </>
  );
}

function Notice({
  failed = false,
  running = false,
  children,
}: {
  failed?: boolean;
  running?: boolean;
  children: React.ReactNode;
}) {
  const shape = failed ? 'failed' : running ? 'running' : 'stale';
  return (
    <div className={`plan__notice plan__notice--${shape}`} role="status">
      <Mark shape={shape} />
      <div>{children}</div>
    </div>
  );
}
