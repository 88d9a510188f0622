import { useCluster, useEngines, useHost } from '../client/host-streams.ts';
import { hostNowMs, useTimeText } from '../client/host-clock.ts';
import { useConnection } from '../client/use-stream.ts';
import { classNames } from '../ui/class-names.ts';
import { clusterSummary } from './cluster-summary.ts';
import { engineSummary } from './engine-summary.ts';
import { age, clockTime, count } from './text.ts';

/** The line at the bottom: control plane, load, and whether what is shown is of now. */
export function StatusBar() {
  const host = useHost((known) => known);
  const summary = useCluster((cluster) => (cluster === undefined ? null : clusterSummary(cluster)));
  const engines = useEngines(engineSummary);
  const old = useConnection().state === 'live' ? undefined : 'is-stale';
  return (
    <footer className="statusbar">
      {summary && (
        <>
          <a
            className={classNames('statusbar__item', summary.worried && 'statusbar__item--worried', old)}
            href="#/cluster"
          >
            <span className="dots" aria-hidden="true">
              {summary.dots.map((dot, at) => (
                <i key={at} className={dot === 'vote' ? undefined : dot} />
              ))}
            </span>
            {summary.sentence}
          </a>
          <span className={classNames('statusbar__item tertiary', old)}>{summary.lag}</span>
        </>
      )}
      {engines && (
        <a
          className={classNames('statusbar__item', engines.worried && 'statusbar__item--worried', old)}
          href="#/services"
        >
          {engines.sentence}
        </a>
      )}
      {host?.worker.state === 'unreachable' && (
        <span className="statusbar__item statusbar__item--worried">Worker does not answer: {host.worker.reason}</span>
      )}
      {host?.disk?.low && <span className="statusbar__item statusbar__item--worried">Disk is nearly full</span>}
      <span className="grow" />
      {host && (
        <>
          <span className={classNames('statusbar__item tertiary wide', old)}>
            {count(host.eventsPerSecond)} events/s
          </span>
          <span className={classNames('statusbar__item', old)}>CPU {Math.round(host.cpuPercent)} %</span>
          <span className={classNames('statusbar__item', old)}>
            {gigabytes(host.memoryBytes)} of {Math.round(host.memoryTotalBytes / 1e9)} GB
          </span>
        </>
      )}
      <Freshness />
    </footer>
  );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/** "Live 14:32:08", or since when it is not. */
function Freshness() {
  const connection = useConnection();
  const text = useTimeText((nowMs) => {
    if (connection.state === 'live') return `Live ${clockTime(nowMs)}`;
    if (connection.state === 'refused') return 'Refused';
    if (connection.state === 'connecting' || connection.lostAtMs === null) return 'Connecting';
    return `Reconnecting, data of ${clockTime(connection.lostAtMs)}, ${age(hostNowMs() - connection.lostAtMs)} ago`;
  });
  return (
    <span className="statusbar__item">
      <i className={connection.state === 'live' ? 'livedot' : 'livedot livedot--old'} />
      {text}
    </span>
  );
}
