import type { ImageProgressView, ServiceView } from '#shared/contract/service-views.ts';
import { useRevisions, useRollouts } from '../../../app/rollout/use-rollouts.ts';
import { useConnection } from '../../../client/use-stream.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { PanelHead } from './PanelHead.tsx';
import { RevisionList } from './RevisionList.tsx';
import { RolloutSteps } from './RolloutSteps.tsx';
import { ServiceStats } from './ServiceStats.tsx';
import './panel.css';

/** One service, docked at the right of the graph. */
export function ServicePanel({ service, progress }: { service: ServiceView; progress: readonly ImageProgressView[] }) {
  const isOld = useConnection().state !== 'live' || service.status === 'stale';
  const { revisions, state } = useRevisions(service.id);
  const rollouts = useRollouts(service.id);
  // The way back that follows a failure says nothing of why it was taken.
  const newest = rollouts.find(({ rollout }) => rollout.kind !== 'auto-rollback') ?? null;
  // Of an ended rollout only one that failed is worth its steps; its success is in the list of revisions.
  const shown = service.rollout ?? (newest !== null && endedBadly(newest.rollout) ? newest : null);
  return (
    <aside className={classNames('service-panel', isOld && 'is-stale')} aria-label={`Service ${service.name}`}>
      <PanelHead service={service} revisions={revisions} />
      <div className="panel__body" tabIndex={0} role="region" aria-label={`Details of ${service.name}`}>
        {service.pending.length > 0 && <Pending service={service} />}
        {shown !== null && <RolloutSteps view={shown} progress={progress} />}
        <Addresses service={service} />
        <ServiceStats service={service} />
        <RevisionList key={service.id} service={service} revisions={revisions} state={state} />
      </div>
    </aside>
  );
}

function endedBadly({ stage }: NonNullable<ServiceView['lastRollout']>): boolean {
  return stage.name === 'ended' && (stage.outcome === 'failed' || stage.outcome === 'aborted');
}

function Pending({ service: { pending, name } }: { service: ServiceView }) {
  const reasons = [...new Set(pending.map(({ why }) => why))];
  return (
    <section className="pending" aria-label="Why replicas are pending">
      {reasons.map((why) => (
        <p key={why}>
          <Icon name="alert" small />
          <span>
            <b>
              {pending
                .filter((each) => each.why === why)
                .map(({ slot }) => `${name}.${slot}`)
                .join(', ')}
            </b>{' '}
            pending: {why}
          </span>
        </p>
      ))}
    </section>
  );
}

/** Where it answers, for people; others of the stack reach it by its name. */
function Addresses({ service }: { service: ServiceView }) {
  const published = service.ports.flatMap(({ address, hostPort, protocol }) =>
    address === null || hostPort === null
      ? []
      : [`${protocol === 'http' ? 'http' : 'tcp'}://${address === '0.0.0.0' ? 'localhost' : address}:${hostPort}`],
  );
  const urls = [...published, ...service.routes.flatMap(({ url }) => (url === null ? [] : [url]))];
  if (urls.length === 0) return null;
  return (
    <p className="addresses truncate">
      {urls.map((url) =>
        url.startsWith('http') ? (
          <a key={url} href={url} target="_blank" rel="noreferrer">
            {url}
          </a>
        ) : (
          <code key={url}>{url}</code>
        ),
      )}
    </p>
  );
}
