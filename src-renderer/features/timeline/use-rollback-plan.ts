import { useCallback, useEffect, useRef, useState } from 'react';
import { GantryError } from '#shared/contract/error.ts';
import type { Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { CheckpointId } from '#shared/model/ids.ts';
import { errorText } from '../../app/use-call.ts';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { useClient } from '../../client/ClientContext.tsx';

/** Where a plan is. It stays in sight while it runs, and when it has failed. */
export type PlanState =
  | { readonly state: 'computing' }
  | { readonly state: 'ready'; readonly plan: RollbackPlan }
  | { readonly state: 'outdated'; readonly plan: RollbackPlan; readonly why: string | null }
  | { readonly state: 'running'; readonly plan: RollbackPlan }
  /** `plan` is null when it could not even be computed. */
  | { readonly state: 'failed'; readonly plan: RollbackPlan | null; readonly why: string };

/** Computes the plan for a checkpoint, again on wish, and executes it once confirmed. */
export function useRollbackPlan(checkpointId: CheckpointId, onDone: (rollback: Rollback) => void) {
  const client = useClient();
  const [state, setState] = useState<PlanState>({ state: 'computing' });
  /** The newest question; answers to others come too late. */
  const asked = useRef(0);

  const compute = useCallback(async (): Promise<void> => {
    asked.current += 1;
    const question = asked.current;
    const answer = await client.call('timeline.plan', { checkpointId }).then(
      (plan): PlanState => ({ state: 'ready', plan }),
      (error: unknown): PlanState => ({ state: 'failed', plan: null, why: errorText(error) }),
    );
    if (asked.current === question) setState(answer);
  }, [client, checkpointId]);

  useEffect(() => {
    void compute();
    return () => {
      asked.current += 1;
    };
  }, [compute]);

  const again = useCallback(() => {
    setState({ state: 'computing' });
    void compute();
  }, [compute]);

  const confirm = useCallback(
    async (plan: RollbackPlan): Promise<void> => {
      const question = asked.current;
      setState({ state: 'running', plan });
      try {
        const { fingerprint } = plan;
        onDone(await client.call('timeline.rollBack', { checkpointId, fingerprint }));
      } catch (error) {
        const why = errorText(error);
        if (asked.current !== question) {
          showToast({ shape: 'failed', text: why });
          return;
        }
        const outdated = error instanceof GantryError && error.code === 'outdated-plan';
        setState(outdated ? { state: 'outdated', plan, why } : { state: 'failed', plan, why });
      }
    },
    [client, checkpointId, onDone],
  );

  return { state, again, confirm };
}
