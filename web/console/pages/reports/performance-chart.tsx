import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import { useMemo, type ReactElement } from 'react';
import { durationText } from '../../words/times.ts';
import { barsText, PARTS, type PerformanceBar } from './performance-bars.ts';

interface Properties {
  readonly bars: readonly PerformanceBar[];
  /** What a bar is. */
  readonly one: 'run' | 'day';
}

/** Where the time went: stacked bars, their sums in a sentence below; every number is in the table as well. */
export default function PerformanceChart({ bars, one }: Properties): ReactElement {
  const series = useMemo(
    () =>
      PARTS.map(({ name, title, color }) => ({
        type: 'bar' as const,
        title,
        color,
        valueFormatter: durationText,
        data: bars.map((bar) => ({ x: bar.label, y: bar[name] })),
      })),
    [bars],
  );
  const text = barsText(bars, one);
  return (
    <>
      <BarChart
        series={series}
        xDomain={bars.map((bar) => bar.label)}
        yDomain={[0, Math.max(1, ...bars.map((bar) => bar.total))]}
        stackedBars
        hideFilter
        height={220}
        xTitle={one === 'run' ? 'Run' : 'Day of the month'}
        yTitle="Duration"
        ariaLabel="Where the time went"
        ariaDescription={text}
        yTickFormatter={durationText}
        detailPopoverFooter={(label) => {
          const total = bars.find((bar) => bar.label === label)?.total;
          return total === undefined ? null : `Total ${durationText(total)}`;
        }}
        empty={<Box textAlign="center">No runs</Box>}
      />
      <Box variant="small">{text}</Box>
    </>
  );
}
