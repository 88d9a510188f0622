import type { ServiceHostView, ServiceView, VolumeView } from '#shared/contract/service-views.ts';
import { counted } from '../../../app/text.ts';
import { classNames } from '../../../ui/class-names.ts';
import { Icon } from '../../../ui/icon/Icon.tsx';
import { openServiceDialog } from '../dialogs/service-dialogs.ts';
import { HostBox, VolumeBox } from './HostBox.tsx';

/** From so many hosts on, their boxes say less. */
const manyHostsFrom = 7;

/**
 * What replicas stand on. The hosts stay in view while the graph is scrolled. The volumes of a dense graph would be a
 * column longer than itself: those of the active service stand below the hosts, and of the others their number.
 */
export function HostColumn({
  hosts,
  volumes,
  isDense,
  active,
}: {
  hosts: readonly ServiceHostView[];
  volumes: readonly VolumeView[];
  isDense: boolean;
  active: ServiceView | undefined;
}) {
  const mounted = new Set<string>(active?.volumes);
  const near = isDense ? volumes.filter(({ name }) => mounted.has(name)) : [];
  return (
    <div className="col col--hosts">
      <div className={classNames('hosts', hosts.length >= manyHostsFrom && 'hosts--many')}>
        {hosts.map((host) => (
          <HostBox key={host.id} host={host} />
        ))}
        {near.map((volume) => (
          <VolumeBox key={volume.name} volume={volume} />
        ))}
        {isDense && volumes.length > near.length && (
          <button
            type="button"
            className="host host--volume"
            title="Volumes and their backups"
            onClick={() => openServiceDialog({ kind: 'resources', tab: 'volumes' })}
          >
            <Icon name="disk" small />
            <small>
              {near.length === 0 ? counted(volumes.length, 'volume') : `${volumes.length - near.length} more`}
            </small>
          </button>
        )}
      </div>
      <span className="grow" />
      {!isDense && volumes.map((volume) => <VolumeBox key={volume.name} volume={volume} />)}
    </div>
  );
}
