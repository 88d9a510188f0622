import { memo } from 'react';
import { CartesianGrid, type DotItemDotProps, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { LatencySample } from '#shared/model/cluster.ts';
import { classNames } from '../../ui/class-names.ts';
import '../../ui/data/plot.css';
import { isAlone, latencyPoints, linearTicks, type LatencyPoint, windowMs } from './lag-plot.ts';
import { TimeAxis } from './LagMultiples.tsx';
import { spreadLabels } from './spread-labels.ts';

const noMargin = { top: 0, right: 0, bottom: 0, left: 0 };
const series = [
  { key: 'commitP99', name: 'commit p99', stroke: 'var(--series-1)', dash: undefined, quiet: false },
  { key: 'commitP50', name: 'commit p50', stroke: 'var(--series-1)', dash: '4 3', quiet: true },
  { key: 'fsyncP99', name: 'fsync p99', stroke: 'var(--series-2)', dash: undefined, quiet: false },
] as const satisfies readonly { key: keyof LatencyPoint; [rest: string]: unknown }[];

/** How long commits and their syncs took; lines are named at their end. Drawn anew once a second at most. */
export default memo(
  function LatencyChart({ samples, endMs }: { samples: readonly LatencySample[]; endMs: number }) {
    const points = latencyPoints(samples, endMs);
    const ticks = linearTicks(points);
    const top = ticks.at(-1) ?? 1;
    const ends = series.map(({ key }) => points.findLast((point) => point[key] !== null)?.[key] ?? null);
    const places = spreadLabels(
      ends.map((value) => (value === null ? null : 100 - (value / top) * 100)),
      9,
    );
    return (
      <div
        className={classNames('plot plot--latency', top >= 100 && 'plot--long-ticks')}
        role="img"
        aria-label="Commit and fsync latency, last 10 minutes"
      >
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={points} margin={noMargin} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--chart-grid)" horizontalValues={[...ticks]} />
            <XAxis dataKey="atMs" type="number" domain={[endMs - windowMs, endMs]} hide />
            <YAxis type="number" domain={[0, top]} ticks={[...ticks]} hide />
            {series.map(({ key, stroke, dash }) => (
              <Line
                key={key}
                dataKey={key}
                stroke={stroke}
                strokeWidth={1.5}
                dot={lonePoints(points, key, stroke)}
                activeDot={false}
                connectNulls={false}
                isAnimationActive={false}
                {...(dash === undefined ? {} : { strokeDasharray: dash })}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
        {ticks.map((tick) => (
          <span key={tick} className="plot__y" style={{ top: `${100 - (tick / top) * 100}%` }}>
            {tick === 0 ? '0' : `${tick} ms`}
          </span>
        ))}
        <TimeAxis endMs={endMs} />
        {ends.every((value) => value === null) && <span className="plot__none">Nothing was committed yet.</span>}
        {series.map(({ key, name, quiet }, at) => {
          const place = places[at];
          if (place === null || place === undefined) return null;
          return (
            <span key={key} className={`plot__label${quiet ? ' secondary' : ''}`} style={{ top: `${place}%` }}>
              {name}
            </span>
          );
        })}
      </div>
    );
  },
  (before, after) => before.endMs === after.endMs && before.samples.length === after.samples.length,
);

/** Draws a point for each value that no line shows. */
function lonePoints(points: readonly LatencyPoint[], key: (typeof series)[number]['key'], stroke: string) {
  return ({ cx, cy, index }: DotItemDotProps) =>
    isAlone(points, key, index) ? <circle key={index} cx={cx} cy={cy} r={1.75} fill={stroke} /> : null;
}
