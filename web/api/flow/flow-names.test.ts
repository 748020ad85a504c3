import { expect, it } from 'vitest';
import { connectionOf, flowValues } from './flow-names.ts';

function connection(type: string, saved: Readonly<Record<string, unknown>> | null = null) {
  return connectionOf('source', saved, flowValues([{ name: 'type', value: type }])).value;
}

it.each([
  ['rds.oracle11lm', 'logMiner'],
  ['rds.oracle11lfm', 'fastLogMiner'],
  ['rds.oracle11lmrm', 'remoteLogMiner'],
  ['rds.oracle11lmc', 'continuousLogMiner'],
  ['rds.oraclefem', 'fullExtracts'],
  ['RDS.OracleTS', 'timestamps'],
])("the vendor's %s is Oracle, read by %s", (name, extractType) => {
  expect(connection(name)).toEqual({ type: 'oracle', extractType });
});

it.each([
  ['mariadb', 'mysql'],
  ['rds.mssql', 'sqlserver'],
  ['oracle19cpluggable', 'oracle19cPluggable'],
])('%s is %s, and says nothing of how it is read', (name, type) => {
  expect(connection(name)).toEqual({ type });
});

it('a kind by our own name, as scripts read it, leaves how it is read as it is', () => {
  expect(connection('oracle', { type: 'oracle', extractType: 'timestamps' })).toEqual({
    type: 'oracle',
    extractType: 'timestamps',
  });
});

it('a kind that nobody knows is refused with those that are there', () => {
  expect(() => connection('db2')).toThrow(/oracleRac.*singlestore/);
});
