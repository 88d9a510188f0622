import { useCallback, useEffect, useRef, useState } from 'react';
import { GantryError } from '#shared/contract/error.ts';
import type { Rollback, RollbackPlan } from '#shared/model/checkpoint.ts';
import type { CheckpointId } from '#shared/model/ids.ts';
import { errorText } from '../../app/use-call.ts';
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
  const [turn, setTurn] = useState(0);
  const standing = useRef(true);

  useEffect(() => {
    let current = true;
    standing.current = true;
    setState({ state: 'computing' });
    const compute = async (): Promise<void> => {
      try {
        const plan = await client.call('timeline.plan', { checkpointId });
        if (current) setState({ state: 'ready', plan });
      } catch (error) {
        if (current) setState({ state: 'failed', plan: null, why: errorText(error) });
      }
    };
    void compute();
    return () => {
      current = false;
      standing.current = false;
    };
  }, [client, checkpointId, turn]);

  const again = useCallback(() => setTurn((before) => before + 1), []);

  const confirm = useCallback(
    async (plan: RollbackPlan): Promise<void> => {
      setState({ state: 'running', plan });
      try {
        const { fingerprint } = plan;
        onDone(await client.call('timeline.rollBack', { checkpointId, fingerprint }));
      } catch (error) {
        if (!standing.current) return;
        const why = errorText(error);
        const outdated = error instanceof GantryError && error.code === 'outdated-plan';
        setState(outdated ? { state: 'outdated', plan, why } : { state: 'failed', plan, why });
      }
    },
    [client, checkpointId, onDone],
  );

  return { state, again, confirm };
}
