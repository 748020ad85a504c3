import type { Transfers } from '../../../api/schemas/transfers.ts';

/** One bar of the chart. */
export interface TransferBar {
  readonly label: string;
  readonly initial: number;
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
}

/** The last 24 hours, each by the time at which it begins in the zone of the answer. */
export function hourBars({ hours, zone }: Transfers): TransferBar[] {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
  return hours.map(({ from, ...counts }) => ({ label: format.format(new Date(from)), ...counts }));
}

/** All days of the month up to today; a day without runs has an empty bar. @param today `2026-11-21` in the answer's zone */
export function dayBars({ days }: Transfers, today: string): TransferBar[] {
  const month = today.slice(0, 8);
  return Array.from({ length: Number(today.slice(8)) }, (_none, index) => {
    const number = String(index + 1);
    const date = `${month}${number.padStart(2, '0')}`;
    const { initial, inserts, updates, deletes } = days.find((day) => day.date === date) ?? EMPTY;
    return { label: number, initial, inserts, updates, deletes };
  });
}

const EMPTY = { initial: 0, inserts: 0, updates: 0, deletes: 0 };
