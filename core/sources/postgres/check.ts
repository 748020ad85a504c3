import type { Finding, TableSelection } from '../source-connector.ts';
import type { Access } from './connection.ts';
import type { LogNames } from './prepare.ts';

export function checkLog(
  _access: Access,
  _names: LogNames,
  _tables: readonly TableSelection[],
  _signal: AbortSignal,
): Promise<Finding[]> {
  return Promise.resolve([]);
}
