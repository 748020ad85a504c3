import { dollarsOf, estimate, type CostLine } from '../../infra/cost/estimate.ts';
import { monthOf, type CostedDeployment, type Workload } from '../../infra/cost/usage.ts';

export const money = (dollars: number): string =>
  dollars > 0 && dollars < 0.005 ? '<0.01' : dollars.toFixed(dollars < 1000 ? 2 : 0);
export const whole = (count: number): string => Math.round(count).toLocaleString('en');

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const aligned = head.map((_, index) => (index === 0 ? '---' : '--:')).join('|');
  return [`| ${head.join(' | ')} |`, `|${aligned}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

/** Words stand on the left. */
export function wordTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return table(head, rows).replaceAll('--:', '---');
}

export function linesOf(deployment: CostedDeployment, work: Workload): CostLine[] {
  return estimate(deployment, monthOf(deployment, work));
}

export function dollars(deployment: CostedDeployment, work: Workload): number {
  return dollarsOf(linesOf(deployment, work));
}
