import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import { useMemo, type ReactElement } from 'react';
import type { Transfers } from '../../../api/schemas/transfers.ts';
import { shortNumber, wholeNumber } from '../../words/numbers.ts';
import { dayIn } from '../../words/times.ts';
import { dayBars, hourBars, type TransferBar } from './transfer-bars.ts';

/** The vendor's colours, in shades that are told apart on light and on dark. */
const KINDS = [
  { name: 'initial', title: 'Initial', color: '#4d8ff0' },
  { name: 'inserts', title: 'Inserts', color: '#3ba755' },
  { name: 'updates', title: 'Updates', color: '#e0b100' },
  { name: 'deletes', title: 'Deletes', color: '#e0534a' },
] as const satisfies readonly { readonly name: keyof TransferBar; readonly title: string; readonly color: string }[];

interface Properties {
  readonly transfers: Transfers;
  readonly by: 'hours' | 'days';
}

/** Stacked bars; the exact numbers are in the box that stands beside a bar under the pointer or the keyboard's focus. */
export default function TransfersChart({ transfers, by }: Properties): ReactElement {
  const bars = by === 'hours' ? hourBars(transfers) : dayBars(transfers, dayIn(transfers.zone, Date.now()));
  // The same bars are the same chart: it is not drawn again with every answer.
  const text = JSON.stringify(bars);
  const series = useMemo(() => seriesOf(JSON.parse(text) as TransferBar[]), [text]);
  const most = Math.max(1, ...bars.map((bar) => bar.initial + bar.inserts + bar.updates + bar.deletes));
  return (
    <BarChart
      series={series}
      xDomain={bars.map((bar) => bar.label)}
      yDomain={[0, most]}
      stackedBars
      hideFilter
      height={200}
      xTitle={by === 'hours' ? 'Hour, by its beginning' : 'Day of the month'}
      yTitle="Records"
      ariaLabel="Records transferred"
      yTickFormatter={shortNumber}
      empty={<Box textAlign="center">No records</Box>}
    />
  );
}

function seriesOf(bars: readonly TransferBar[]) {
  return KINDS.map(({ name, title, color }) => ({
    type: 'bar' as const,
    title,
    color,
    valueFormatter: wholeNumber,
    data: bars.map((bar) => ({ x: bar.label, y: bar[name] })),
  }));
}
