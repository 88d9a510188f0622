import { useEffect } from 'react';
import { serviceIdSchema } from '#shared/model/service-ids.ts';
import { usePanelLocation } from '../../app/location.ts';
import { useConnection } from '../../client/use-stream.ts';
import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Blank } from '../../ui/state/Blank.tsx';
import { Bones } from '../../ui/state/Bones.tsx';
import { ServiceDialogs } from './dialogs/ServiceDialogs.tsx';
import { EngineNotices, NoEngine } from './EngineNotice.tsx';
import { NoServices } from './NoServices.tsx';
import { ServicePanel } from './panel/ServicePanel.tsx';
import { ReplicaTable } from './ReplicaTable.tsx';
import { ServiceQuestions } from './questions/ServiceQuestions.tsx';
import { ServicesHead } from './ServicesHead.tsx';
import { ServiceTable } from './ServiceTable.tsx';
import { openService, setServicesView, useServicesView } from './services-view-state.ts';
import { Topology } from './topology/Topology.tsx';
import { useServiceActions } from './use-service-actions.ts';
import { type Services, useServices } from './use-services.ts';
import './services.css';

/** What runs for people: how requests reach it, how it fares, and the way to ship and to go back. */
export default function ServicesView() {
  const services = useServices();
  useServiceActions(services);
  useLinkedService();
  const isOld = useConnection().state !== 'live';
  const { state, all, opened, hosts, hostsKnown, progress } = services;
  const hasEngine = hosts.some(({ engine }) => engine.state === 'ready' || engine.state === 'connecting');
  const isEmpty = state.state === 'ready' && all.length === 0;
  return (
    <div className={classNames('services', isOld && 'services--old is-stale')}>
      <section className="services__main" aria-label="Services">
        {state.state === 'loading' && <Bones rows={7} label="Loading services" />}
        {state.state === 'failed' && (
          <Blank roomy heading="h1" shape="failed" title="Services cannot be shown.">
            <p>{state.error.message}</p>
          </Blank>
        )}
        {isEmpty && hostsKnown && (hasEngine ? <NoServices /> : <NoEngine hosts={hosts} />)}
        {state.state === 'ready' && all.length > 0 && <Known services={services} />}
      </section>
      {opened !== undefined && (
        <ServicePanel service={opened} progress={progress.filter((each) => each.serviceId === opened.id)} />
      )}
      <ServiceQuestions services={all} />
      <ServiceDialogs />
    </div>
  );
}

function Known({ services }: { services: Services }) {
  const shape = useServicesView((view) => view.shape);
  const { passing, shown, selected, hosts, volumes, progress } = services;
  return (
    <>
      <ServicesHead services={services} />
      <EngineNotices hosts={hosts} />
      {passing.length === 0 && shown.length > 0 && <FilteredOut hidden={shown.length} />}
      {passing.length === 0 && shown.length === 0 && (
        <Blank roomy title="Nothing is deployed to the main stack.">
          <p>Only previews of lanes run. Promote one, or deploy a service.</p>
        </Blank>
      )}
      {passing.length > 0 &&
        (shape === 'graph' ? (
          <Topology services={passing} hosts={hosts} volumes={volumes} progress={progress} selected={selected} />
        ) : (
          <ServiceTable services={passing} progress={progress} selected={selected} />
        ))}
      {selected !== undefined && <ReplicaTable service={selected} hosts={hosts} />}
    </>
  );
}

function FilteredOut({ hidden }: { hidden: number }) {
  return (
    <Blank
      roomy
      title="No service fits the filter."
      actions={
        <Button size="small" shortcut="escape" onClick={() => setServicesView({ query: '', searching: false })}>
          Clear filter
        </Button>
      }
    >
      <p>
        {hidden} {hidden === 1 ? 'service is' : 'services are'} hidden by it.
      </p>
    </Blank>
  );
}

/** Opens the service that the address names, as a link from another view does. */
function useLinkedService(): void {
  const { viewId, detail } = usePanelLocation();
  useEffect(() => {
    const linked = viewId === 'services' ? serviceIdSchema.safeParse(detail) : null;
    if (linked?.success === true) openService(linked.data);
  }, [viewId, detail]);
}
