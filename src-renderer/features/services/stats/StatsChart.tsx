import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { ContainerHistory } from '#shared/contract/service-views.ts';
import { clockMinute } from '../../../app/text.ts';
import { type StatKey, statPoints, statText, statTicks, statsWindowMs } from './stats-plot.ts';

const noMargin = { top: 2, right: 0, bottom: 0, left: 0 };
/** Dashes tell lines apart without their colour. */
const dashes = [undefined, '4 3', '1 3', '6 2 1 2', '8 3', '2 2', '10 2 2 2'] as const;

/** One quantity of all replicas over the last minutes. Drawn anew with each sample, every two seconds. */
export const StatsChart = memo(
  function StatsChart({
    title,
    statKey,
    least,
    histories,
    endMs,
  }: {
    title: string;
    statKey: StatKey;
    /** The chart reaches at least this high. */
    least: number;
    histories: readonly ContainerHistory[];
    endMs: number;
  }) {
    const points = statPoints(histories, statKey, endMs);
    const ticks = statTicks(points, least);
    const top = ticks.at(-1) ?? 1;
    return (
      <figure className="sstats__chart">
        <figcaption>
          {title}
          <span className="grow" />
          {histories.map(({ containerId, samples }, at) => {
            const value = samples.at(-1)?.[statKey] ?? null;
            return (
              <span key={containerId} className={`sstats__now sstats__now--${(at % 7) + 1}`}>
                {value === null ? '–' : statText(statKey, value)}
              </span>
            );
          })}
        </figcaption>
        <div className="plot plot--stats" role="img" aria-label={`${title}, last 4 minutes`}>
          <ResponsiveContainer width="100%" height="100%">
            <LineChart data={points} margin={noMargin} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--chart-grid)" horizontalValues={[...ticks]} />
              <XAxis dataKey="atMs" type="number" domain={[endMs - statsWindowMs, endMs]} hide />
              <YAxis type="number" domain={[0, top]} ticks={[...ticks]} hide />
              {histories.map(({ containerId }, at) => {
                const dash = dashes[at % dashes.length];
                return (
                  <Line
                    key={containerId}
                    dataKey={containerId}
                    stroke={`var(--series-${(at % 7) + 1})`}
                    strokeWidth={1.5}
                    dot={false}
                    activeDot={false}
                    connectNulls={false}
                    isAnimationActive={false}
                    {...(dash === undefined ? {} : { strokeDasharray: dash })}
                  />
                );
              })}
            </LineChart>
          </ResponsiveContainer>
          {ticks.map((tick) => (
            <span key={tick} className="plot__y" style={{ top: `${100 - (tick / top) * 100}%` }}>
              {tick === 0 ? '0' : statText(statKey, tick)}
            </span>
          ))}
          <span className="plot__x plot__x--first" style={{ left: 0 }}>
            {clockMinute(endMs - statsWindowMs)}
          </span>
          <span className="plot__x plot__x--last" style={{ left: '100%' }}>
            {clockMinute(endMs)}
          </span>
        </div>
      </figure>
    );
  },
  (before, after) => before.endMs === after.endMs && before.histories.length === after.histories.length,
);
