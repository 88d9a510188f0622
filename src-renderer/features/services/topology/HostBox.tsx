import type { ServiceHostView, VolumeView } from '#shared/contract/service-views.ts';
import { counted, size } from '../../../app/text.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { openServiceDialog } from '../dialogs/service-dialogs.ts';
import { hostKey, volumeKey } from './topology.ts';

/** A machine with an engine. A press opens what can be done with hosts. */
export function HostBox({ host }: { host: ServiceHostView }) {
  const { engine, name, replicas, cpuPercent, availability } = host;
  const isOld = engine.state !== 'ready';
  return (
    <button
      type="button"
      className={classNames('host', isOld && 'host--stale')}
      data-box={hostKey(host.id)}
      title={`Hosts: drain ${name}, add another`}
      onClick={() => openServiceDialog({ kind: 'resources', tab: 'hosts' })}
    >
      <Icon name="host" small />
      <b className="truncate">{name}</b>
      <small>{isOld ? engineWord[engine.state] : counted(replicas, 'replica')}</small>
      {!isOld && cpuPercent !== null && <small>CPU {Math.round(cpuPercent)} %</small>}
      {availability === 'drain' && <small>drains</small>}
    </button>
  );
}

const engineWord: Record<Exclude<ServiceHostView['engine']['state'], 'ready'>, string> = {
  connecting: 'connecting',
  missing: 'no engine',
  unreachable: 'no answer',
  'too-old': 'too old',
};

/** A volume that services of the stack mount. A press opens what can be done with volumes. */
export function VolumeBox({ volume }: { volume: VolumeView }) {
  return (
    <button
      type="button"
      className="host host--volume"
      data-box={volumeKey(volume.name)}
      title={`${volume.name}: back it up, put a backup back`}
      onClick={() => openServiceDialog({ kind: 'resources', tab: 'volumes' })}
    >
      <Icon name="disk" small />
      <b className="truncate">{volume.name}</b>
      {volume.sizeBytes !== null && <small>{size(volume.sizeBytes)}</small>}
      <small>{volume.hostId ?? 'not made yet'}</small>
    </button>
  );
}
