import { useEffect, useRef } from 'react';
import { Button } from '../../ui/button/Button.tsx';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Segmented } from '../../ui/field/Segmented.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Chip } from '../../ui/label/Chip.tsx';
import { Menu } from '../../ui/overlay/Menu.tsx';
import { PageHead } from '../../ui/state/PageHead.tsx';
import { openServiceDialog } from './dialogs/service-dialogs.ts';
import { serviceEvidence, serviceHeadline } from './service-headline.ts';
import { setServicesView, useServicesView } from './services-view-state.ts';
import type { Services } from './use-services.ts';

const shapes = [
  { id: 'graph', label: 'Graph', icon: 'graph' },
  { id: 'table', label: 'Table', icon: 'table' },
] as const;

/** The sentence, what it rests on, and the ways to look at it. */
export function ServicesHead({ services }: { services: Services }) {
  const shape = useServicesView((view) => view.shape);
  const searching = useServicesView((view) => view.searching);
  const { shown, stacks } = services;
  return (
    <>
      <PageHead
        sentence={serviceHeadline(shown)}
        evidence={serviceEvidence(shown)}
        actions={
          <>
            <Segmented
              label="View"
              items={shapes}
              chosen={shape}
              onChoose={(chosen) => setServicesView({ shape: chosen })}
            />
            <Button
              icon="plus"
              aria-label="New service"
              onClick={() => openServiceDialog({ kind: 'deploy', serviceId: null })}
            >
              <span className="wide">New service</span>
            </Button>
            <Menu
              align="end"
              trigger={<IconButton size="medium" variant="default" icon="more" label="More for services" />}
              entries={[
                {
                  kind: 'item',
                  id: 'compose',
                  label: 'Import Compose file…',
                  icon: 'file',
                  run: () => openServiceDialog({ kind: 'compose' }),
                },
                { kind: 'separator', id: 'resources' },
                ...resourceEntries,
              ]}
            />
          </>
        }
      />
      {(stacks.length > 1 || searching) && (
        <div className="services__bar">
          {stacks.length > 1 && <Stacks services={services} />}
          {searching && <Filter />}
        </div>
      )}
    </>
  );
}

const resourceEntries = (['secrets', 'configs', 'volumes', 'images', 'hosts'] as const).map((tab) => ({
  kind: 'item' as const,
  id: tab,
  label: `${tab.charAt(0).toUpperCase()}${tab.slice(1)}…`,
  run: () => openServiceDialog({ kind: 'resources', tab }),
}));

/** The main stack and the previews of lanes. */
function Stacks({ services: { stacks, stack, all } }: { services: Services }) {
  return (
    <div className="services__stacks" role="toolbar" aria-label="Stack">
      {stacks.map((each) => (
        <Chip key={each} pressed={each === stack} onToggle={() => setServicesView({ stack: each, selectedId: null })}>
          {each === 'main' ? 'Main' : each.replace('lane-', 'Lane ')}{' '}
          <b>{all.filter((service) => service.stack === each).length}</b>
        </Chip>
      ))}
    </div>
  );
}

function Filter() {
  const query = useServicesView((view) => view.query);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <label className="searchbox services__filter">
      <Icon name="search" small />
      <span className="sr">Filter services by text</span>
      <input
        ref={field}
        type="text"
        value={query}
        placeholder="Name, image or state"
        onChange={(event) => setServicesView({ query: event.target.value })}
      />
    </label>
  );
}
