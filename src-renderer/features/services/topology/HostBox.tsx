import type { ServiceHostView, VolumeView } from '#shared/contract/service-views.ts';
import { counted, size } from '../../../app/text.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { hostKey, volumeKey } from './topology.ts';

/** A machine with an engine. */
export function HostBox({ host }: { host: ServiceHostView }) {
  const { engine, name, replicas, cpuPercent, availability } = host;
  const isOld = engine.state !== 'ready';
  return (
    <div className={classNames('host', isOld && 'host--stale')} data-box={hostKey(host.id)}>
      <Icon name="host" small />
      <b className="truncate">{name}</b>
      <small>{isOld ? engineWord[engine.state] : counted(replicas, 'replica')}</small>
      {!isOld && cpuPercent !== null && <small>CPU {Math.round(cpuPercent)} %</small>}
      {availability === 'drain' && <small>drains</small>}
    </div>
  );
}

const engineWord: Record<Exclude<ServiceHostView['engine']['state'], 'ready'>, string> = {
  connecting: 'connecting',
  missing: 'no engine',
  unreachable: 'no answer',
  'too-old': 'too old',
};

/** A volume that services of the stack mount. */
export function VolumeBox({ volume }: { volume: VolumeView }) {
  return (
    <div className="host host--volume" data-box={volumeKey(volume.name)}>
      <Icon name="disk" small />
      <b className="truncate" title={volume.name}>
        {volume.name}
      </b>
      {volume.sizeBytes !== null && <small>{size(volume.sizeBytes)}</small>}
      <small>{volume.hostId ?? 'not made yet'}</small>
    </div>
  );
}
