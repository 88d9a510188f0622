import type { ClusterView } from '#shared/model/cluster.ts';
import { classNames } from '../../ui/class-names.ts';
import { Card } from '../../ui/data/Card.tsx';
import { SeriesKey } from '../../ui/data/SeriesKey.tsx';
import { leadershipStrip } from './leadership-strip.ts';

/** Who led when, who was absent, and what made leadership change. */
export function Leadership({ cluster, nowMs }: { cluster: ClusterView; nowMs: number }) {
  const strip = leadershipStrip(cluster, nowMs);
  const orderOf = (nodeId: string): number => cluster.nodes.findIndex((node) => node.id === nodeId);
  return (
    <Card title="Leadership" note={strip.note} className="elections">
      <div className="strip" role="img" aria-label={strip.spoken}>
        {strip.lines.map(({ nodeId, segments }) => (
          <div className="strip__row" key={nodeId}>
            <SeriesKey order={orderOf(nodeId)}>{nodeId}</SeriesKey>
            <div className="strip__track">
              {segments.map(({ left, width, text }) => (
                <i
                  key={`${left} ${text}`}
                  className={classNames('seg', text === null ? 'seg--gone' : `seg--${(orderOf(nodeId) % 7) + 1}`)}
                  style={{ left: `${left}%`, width: `${width}%` }}
                >
                  {text !== null && width > 6 ? text : null}
                </i>
              ))}
            </div>
          </div>
        ))}
        <div className="strip__lines">
          {strip.events.map(({ left, time, text }) => (
            <i key={`${left} ${time} ${text}`} style={{ left: `${left}%` }} />
          ))}
        </div>
        <div className="strip__events">
          {strip.events.map(({ left, time, text, turned, mute }) =>
            mute ? null : (
              <span
                key={`${left} ${time} ${text}`}
                className={turned ? 'last' : undefined}
                style={{ left: `${left}%` }}
              >
                <b>{time}</b> {text}
              </span>
            ),
          )}
        </div>
      </div>
    </Card>
  );
}
