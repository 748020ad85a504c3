import type { Host } from '../host/host.ts';

/** Reports rows that now stand in the quarantine table: one event for each column and reason. */
export function reportQuarantined(
  host: Host,
  pipeline: string,
  table: string,
  misfits: readonly { readonly column: string; readonly reason: string }[],
): void {
  for (const [reason, rows] of Map.groupBy(misfits, ({ column, reason }) => `${column}: ${reason}`)) {
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'RowsQuarantined', pipeline, generated, table, rows: rows.length, reason });
    host.log.warn('rows set aside in quarantine', { table, rows: rows.length, reason });
  }
}
