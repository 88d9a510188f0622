import { useState } from 'react';
import type { LaneId } from '#shared/model/ids.ts';
import type { ServiceName } from '#shared/model/service-ids.ts';
import { counted } from '../../../app/text.ts';
import { errorText } from '../../../app/use-call.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';

/** What can be done with a lane's preview; what stands against it stays beside it. */
export function usePreviewDeeds(laneId: LaneId) {
  const client = useClient();
  const [busyReason, setBusyReason] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const deed = (reason: string, act: () => Promise<unknown>) => async (): Promise<void> => {
    setBusyReason(reason);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusyReason(null);
    }
  };
  return {
    busyReason,
    problem,
    start: () => void deed('The preview is being started.', () => client.call('preview.start', { laneId }))(),
    stop: () => void deed('The preview is being taken away.', () => client.call('preview.stop', { laneId }))(),
    promote: (names: readonly string[] | null) =>
      void deed('It is being promoted.', async () => {
        const { serviceIds } = await client.call('preview.promote', {
          laneId,
          services: names === null ? null : names.map((name) => name as ServiceName),
        });
        showToast({
          shape: 'running',
          text: `${counted(serviceIds.length, 'service')} of the preview rolled out to main.`,
        });
      })(),
  };
}
