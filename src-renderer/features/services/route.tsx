import { mainStack } from '#shared/model/service-ids.ts';
import { lazyView } from '../../app/lazy-view.ts';
import type { Route } from '../../app/route.ts';
import { useStreamPart } from '../../client/use-stream.ts';
import { Badge } from '../../ui/label/Badge.tsx';
import { useServiceMap } from './use-services.ts';

/** How many services there are, and how many of them need a person. */
function ServiceCount() {
  const { all, waiting, failed } = useStreamPart(useServiceMap(), (map) => {
    const services = map.list().filter((service) => service.stack === mainStack);
    const having = (status: string): number => services.filter((service) => service.status === status).length;
    return { all: services.length, waiting: having('waiting'), failed: having('failed') };
  });
  return (
    <>
      {waiting > 0 && (
        <Badge tone="waiting" title={`${waiting} ${waiting === 1 ? 'waits' : 'wait'} for you`}>
          {waiting}
        </Badge>
      )}
      {failed > 0 && (
        <Badge tone="failed" title={`${failed} failed`}>
          {failed}
        </Badge>
      )}
      {all > 0 && <span className="plain">{all}</span>}
    </>
  );
}

export const route: Route = {
  id: 'services',
  title: 'Services',
  icon: 'services',
  order: 4,
  shortcut: 'g e',
  view: lazyView(() => import('./ServicesView.tsx')),
  Count: ServiceCount,
};
