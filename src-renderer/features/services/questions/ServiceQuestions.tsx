import type { ServiceView } from '#shared/contract/service-views.ts';
import { askServices, useServicesView } from '../services-view-state.ts';
import { AbortDialog } from './AbortDialog.tsx';
import { EvidenceDialog } from './EvidenceDialog.tsx';
import { RemoveDialog } from './RemoveDialog.tsx';
import { RollBackDialog } from './RollBackDialog.tsx';
import { ScaleDialog } from './ScaleDialog.tsx';

const close = (): void => askServices(null);

/** The question that is open about a service, if one is; one about a service that is gone closes itself. */
export function ServiceQuestions({ services }: { services: readonly ServiceView[] }) {
  const question = useServicesView((view) => view.question);
  const service = services.find((each) => each.id === question?.serviceId);
  if (question === null || service === undefined) return null;
  switch (question.kind) {
    case 'roll-back':
      return <RollBackDialog service={service} asked={question.toRevision} onClose={close} />;
    case 'abort':
      return <AbortDialog service={service} onClose={close} />;
    case 'evidence':
      return <EvidenceDialog service={service} revision={question.revision} onClose={close} />;
    case 'scale':
      return <ScaleDialog service={service} onClose={close} />;
    case 'remove':
      return <RemoveDialog service={service} onClose={close} />;
  }
}
