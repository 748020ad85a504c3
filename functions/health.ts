import * as z from 'zod';
import { PenstockError } from '../core/errors/penstock-error.ts';
import { lookAtHealth } from '../core/operations/health/look.ts';
import { healthThresholds, type HealthThresholds } from '../core/operations/health/thresholds.ts';
import { summariseRuns } from '../core/operations/reports/summarise-runs.ts';
import { catalogFunction } from './catalog-function.ts';

/**
 * Once a minute: compares what the reader last said of itself (disk, memory, the log at the source) and what the catalog knows (lag,
 * stopped tables) with the thresholds; alarms are raised and cleared as events, which go to the topic. Then the runs of the minute are added
 * to the sums that reports are made of.
 */
export const handler = catalogFunction({
  name: 'health',
  input: z.unknown(),
  async work(_input, { host, catalog }) {
    const raised = await lookAtHealth(
      host,
      catalog,
      deployedThresholds(process.env['PENSTOCK_THRESHOLDS'] ?? '{}'),
      process.env['PENSTOCK_READER'] !== 'none',
    );
    await summariseRuns(host, catalog);
    return { alarms: raised.map(({ alarm, since }) => ({ alarm, since })) };
  },
});

/** @throws PenstockError PS1001 */
function deployedThresholds(text: string): HealthThresholds {
  const parsed = healthThresholds.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new PenstockError('PS1001', `PENSTOCK_THRESHOLDS: ${problems.join('; ') || 'not JSON'}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
