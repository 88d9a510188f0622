import { Button } from '../../ui/button/Button.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { openServiceDialog } from './dialogs/service-dialogs.ts';

/** Nothing is deployed yet: the three ways to begin. */
export function NoServices() {
  return (
    <Blank
      roomy
      heading="h1"
      title="No services yet."
      actions={
        <>
          <Button
            size="small"
            variant="primary"
            icon="plus"
            onClick={() => openServiceDialog({ kind: 'deploy', serviceId: null })}
          >
            New service
          </Button>
          <Button size="small" icon="file" onClick={() => openServiceDialog({ kind: 'compose' })}>
            Import Compose file
          </Button>
        </>
      }
    >
      <p>
        A service runs as replicas of an image behind an edge that checks, balances and drains them. Deploy one here,
        import what you have, or keep it in a file:
      </p>
      <p>
        <code>gantry apply -f gantry.services.yaml</code>
      </p>
    </Blank>
  );
}
