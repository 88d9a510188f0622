import type { ServiceView } from '#shared/contract/service-views.ts';
import { newestRolloutTo } from '../../../app/rollout/evidence.ts';
import { RolloutRecordDialog } from '../../../app/rollout/RolloutRecordDialog.tsx';
import { useRollouts } from '../../../app/rollout/use-rollouts.ts';

/** The record of the last rollout to a revision. */
export function EvidenceDialog({
  service,
  revision,
  onClose,
}: {
  service: ServiceView;
  revision: number;
  onClose: () => void;
}) {
  const rollouts = useRollouts(service.id);
  const rollout = newestRolloutTo(
    rollouts.map((view) => view.rollout),
    revision,
  );
  return (
    <RolloutRecordDialog
      title={`Rollout of ${service.name} to revision ${revision}`}
      rollout={rollout}
      onClose={onClose}
    />
  );
}
