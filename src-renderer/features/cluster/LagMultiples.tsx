import { memo } from 'react';
import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { clockMinute, count, counted, duration } from '../../app/text.ts';
import { Card } from '../../ui/data/Card.tsx';
import { SeriesKey } from '../../ui/data/SeriesKey.tsx';
import '../../ui/data/plot.css';
import { entriesScale, lagPaths, type LogScale, logPercent, timeScale, windowMs } from './lag-plot.ts';
import { isOver, lagEntriesLimit, lagMsLimit } from './node-state.ts';

/** How far each follower was behind its leader: one small chart each, all on one scale. */
export function LagMultiples({ cluster, endMs }: { cluster: ClusterView; endMs: number }) {
  const followers = cluster.nodes
    .map((node, order) => ({ node, order }))
    .filter(({ node }) => node.id !== cluster.leaderId);
  return (
    <Card
      title="Replication lag"
      note={`in entries and in time, log scale; limit ${count(lagEntriesLimit)} entries, ${lagMsLimit} ms`}
      className="lags"
    >
      {followers.length === 0 ? (
        <p className="lags__none">There is no follower: one node keeps everything.</p>
      ) : (
        <div className="lags__grid">
          {followers.map(({ node, order }) => (
            <Lag key={node.id} node={node} order={order} endMs={endMs} />
          ))}
        </div>
      )}
    </Card>
  );
}

const entriesTicks = [
  [1, '1'],
  [100, '100'],
  [10_000, '10k'],
] as const;
const timeTicks = [
  [1, '1 ms'],
  [100, '0.1 s'],
  [10_000, '10 s'],
] as const;

const Lag = memo(
  function Lag({ node, order, endMs }: { node: NodeView; order: number; endMs: number }) {
    const paths = lagPaths(node.lagSamples, endMs);
    const over = isOver(node);
    return (
      <div className="lag">
        <h3>
          <SeriesKey order={order}>{node.id}</SeriesKey>
          <span className={over ? 'over' : 'tertiary'}>{lagText(node, over)}</span>
        </h3>
        <LogPlot
          label={`${node.id}, lag in entries`}
          order={order}
          path={paths.entries}
          scale={entriesScale}
          ticks={entriesTicks}
          limit={lagEntriesLimit}
        />
        <LogPlot
          label={`${node.id}, lag in time`}
          order={order}
          path={paths.time}
          scale={timeScale}
          ticks={timeTicks}
          limit={lagMsLimit}
          endMs={endMs}
        />
      </div>
    );
  },
  (before, after) =>
    before.endMs === after.endMs &&
    before.order === after.order &&
    before.node.id === after.node.id &&
    before.node.lagEntries === after.node.lagEntries &&
    before.node.lagMs === after.node.lagMs,
);

function lagText(node: NodeView, over: boolean): string {
  if (node.lagEntries === null) return 'unknown';
  const time = node.lagMs === null ? '' : `, ${duration(node.lagMs)}`;
  return over
    ? `over the limit: ${count(node.lagEntries)}${time}`
    : `${counted(node.lagEntries, 'entry', 'entries')}${time}`;
}

function LogPlot({
  label,
  order,
  path,
  scale,
  ticks,
  limit,
  endMs,
}: {
  label: string;
  order: number;
  path: string;
  scale: LogScale;
  ticks: readonly (readonly [value: number, text: string])[];
  limit: number;
  /** Where the axis of time ends; without, the chart has none. */
  endMs?: number;
}) {
  const limitPercent = logPercent(limit, scale);
  return (
    <div className="plot plot--lag" role="img" aria-label={label}>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        <rect className="band" x="0" y="0" width="100" height={limitPercent} />
        {ticks.map(([value]) => (
          <path key={value} className="grid-line" d={`M0 ${logPercent(value, scale)}H100`} />
        ))}
        <path className="threshold" d={`M0 ${limitPercent}H100`} />
        <path className={`line line--${(order % 7) + 1}`} d={path} />
      </svg>
      {ticks.map(([value, text]) => (
        <span key={value} className="plot__y" style={{ top: `${logPercent(value, scale)}%` }}>
          {text}
        </span>
      ))}
      {endMs !== undefined && <TimeAxis endMs={endMs} />}
    </div>
  );
}

/** The first, the middle and the last minute of the window. */
export function TimeAxis({ endMs }: { endMs: number }) {
  return (
    <>
      <span className="plot__x plot__x--first">{clockMinute(endMs - windowMs)}</span>
      <span className="plot__x plot__x--middle">{clockMinute(endMs - windowMs / 2)}</span>
      <span className="plot__x plot__x--last plot__x--end">{clockMinute(endMs)}</span>
    </>
  );
}
