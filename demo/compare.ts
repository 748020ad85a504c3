import type { OperationContext } from '../core/operations/operation-context.ts';
import { verify } from '../core/operations/verify.ts';
import { comparisonLines, countRows, isAllEqual } from './comparison.ts';
import { secondsSince, type Screen } from './screen.ts';
import type { DemoServers } from './servers.ts';

/** Compares both sides by checksums that each computes itself, prints the table. @returns whether all is equal */
export async function compare(context: OperationContext, servers: DemoServers, screen: Screen): Promise<boolean> {
  const began = performance.now();
  screen.line('');
  screen.line('Comparing source and destination');
  const result = await verify(context, { tables: null });
  const counts = await countRows(servers.source, servers.destination);
  for (const line of comparisonLines(result, counts)) screen.line(line === '' ? '' : `  ${line}`);
  screen.line(`  compared in ${secondsSince(began)}`);
  return isAllEqual(result, counts);
}
