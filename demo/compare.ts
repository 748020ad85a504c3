import type { OperationContext } from '../core/operations/operation-context.ts';
import { verify } from '../core/operations/verification/verify.ts';
import { comparisonLines, isAllEqual, readBothSides } from './comparison.ts';
import { secondsSince, type Screen } from './screen.ts';
import type { DemoServers } from './servers.ts';

/** Compares both sides twice: by Penstock's verification, and by reading every value beside it. Prints the table. @returns whether all is equal */
export async function compare(context: OperationContext, servers: DemoServers, screen: Screen): Promise<boolean> {
  const began = performance.now();
  screen.line('');
  screen.line('Comparing source and destination');
  const result = await verify(context, { tables: null });
  const comparisons = await readBothSides(servers);
  for (const line of comparisonLines(result, comparisons)) screen.line(line === '' ? '' : `  ${line}`);
  screen.line(`  compared in ${secondsSince(began)}`);
  return isAllEqual(result, comparisons);
}
