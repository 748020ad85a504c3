import { bytesText, count, counted, durationText } from '../cli/output/quantities.ts';
import { fullExtract, type FullExtractResult } from '../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';
import type { Screen } from './screen.ts';

/** Copies all tables, with progress. @throws the first table's error */
export async function copyShop(context: OperationContext, screen: Screen): Promise<void> {
  screen.line('');
  screen.line('Full extract, while customers go on');
  const began = performance.now();
  const result = await copyWithProgress(context, screen);
  const failed = result.tables.find((table) => table.error !== null);
  if (failed?.error !== undefined && failed.error !== null) throw failed.error;
  const milliseconds = performance.now() - began;
  const rows = result.tables.reduce((total, table) => total + table.rows, 0);
  const bytes = result.tables.reduce((total, table) => total + table.bytes, 0);
  const speed = `${count((rows / milliseconds) * 1000)} rows/s`;
  const size = `${counted(rows, 'row')}, ${bytesText(bytes)}`;
  screen.line(`  ${size} in ${durationText(milliseconds)}: ${speed}`);
}

async function copyWithProgress(context: OperationContext, screen: Screen): Promise<FullExtractResult> {
  using display = screen.progress();
  return await fullExtract({ ...context, progress: (update) => display.report(update) }, { tables: null });
}
