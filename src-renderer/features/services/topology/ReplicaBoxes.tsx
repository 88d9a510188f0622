import type { ImageProgressView, ReplicaView, ServiceView } from '#shared/contract/service-views.ts';
import { classNames } from '../../../ui/class-names.ts';
import { replicaLook } from '../service-status.ts';
import { progressText } from '../service-words.ts';
import type { ReplicaGroup } from './topology.ts';

/** So many marks stand in a box, beside the share of the traffic where there is one; the last may be a number. */
const marksMax = { alone: 5, withShare: 3 } as const;

/** The replicas of a service, a box for each revision, and those that have no place yet. */
export function ReplicaBoxes({
  service,
  groups,
  progress,
}: {
  service: ServiceView;
  groups: readonly ReplicaGroup[];
  progress: readonly ImageProgressView[];
}) {
  const { pending } = service;
  const [image] = progress;
  return (
    <div className={classNames('stack', service.status === 'stale' && 'stack--stale')}>
      {groups.map((group) => (
        <Group key={group.key} group={group} />
      ))}
      {image !== undefined && <p className="reps reps--none">{progressText(image)}</p>}
      {image === undefined && pending.length > 0 && (
        <p className="reps reps--none" title={pending.map(({ why }) => why).join('\n')}>
          {pending.length} pending
        </p>
      )}
      {image === undefined && pending.length === 0 && groups.length === 0 && (
        <p className="reps reps--none">{service.wanted === 0 ? 'none wanted' : 'none yet'}</p>
      )}
    </div>
  );
}

function Group({ group: { key, revision, replicas, share, spare, isNew } }: { group: ReplicaGroup }) {
  const most = share === null && spare === null ? marksMax.alone : marksMax.withShare;
  const shown = replicas.length > most ? most - 1 : most;
  return (
    <div className={classNames('reps', isNew && 'reps--new', spare !== null && 'reps--spare')} data-box={key}>
      <span className="reps__revision">r{revision}</span>
      {replicas.slice(0, shown).map((replica) => (
        <Replica key={replica.containerId} replica={replica} />
      ))}
      {replicas.length > shown && <Rest replicas={replicas.slice(shown)} />}
      {share !== null && <small>{share} %</small>}
      {spare !== null && <small>{spare}</small>}
    </div>
  );
}

function Replica({ replica }: { replica: ReplicaView }) {
  const { name, slot, state, hostId, detail } = replica;
  const look = replicaLook(state);
  const words = `${name}, ${look.word}, on ${hostId}${detail === '' ? '' : `: ${detail}`}`;
  return (
    <span className={classNames('rep', `rep--${state}`)} role="img" aria-label={words} title={words}>
      {slot}
    </span>
  );
}

function Rest({ replicas }: { replicas: readonly ReplicaView[] }) {
  const bad = replicas.filter(({ state }) => state === 'unhealthy' || state === 'failed').length;
  const words = bad === 0 ? `${replicas.length} more` : `${replicas.length} more, ${bad} of them not healthy`;
  return (
    <span className={classNames('rep rep--rest', bad > 0 && 'rep--failed')} role="img" aria-label={words} title={words}>
      +{replicas.length}
    </span>
  );
}
