import { describe, expect, it } from 'vitest';
import type { TableProof } from '../../core/catalog/verification-records.ts';
import type { OperationRequest } from '../api/schemas/operations.ts';
import { inputOf, operationOf, verifiedResult } from './execution-operation.ts';
import type { DescribedExecution } from './executions.ts';

const AT = Date.parse('2026-11-21T10:00:00Z');

function execution(given: Partial<DescribedExecution>): DescribedExecution {
  const isRunning = (given.status ?? 'RUNNING') === 'RUNNING';
  return {
    ...{ kind: 'full-extract', name: 'one', startedAt: AT, isRunning, status: 'RUNNING' },
    ...{ endedAt: isRunning ? null : AT + 1000, input: '{}', output: '', error: '', cause: '' },
    ...given,
  };
}

const functionFailed = (errorMessage: string) => ({
  ...({ status: 'FAILED', error: 'PenstockManual' } as const),
  cause: JSON.stringify({ errorType: 'PenstockManual', errorMessage, trace: [] }),
});

describe('an execution as an operation', () => {
  it('of the console has what was asked for, and by whom', () => {
    const request: OperationRequest = { kind: 'rollback', to: 7, tables: ['a.b'], dryRun: false };
    const input = JSON.stringify(inputOf(request, 'olga'));
    expect(JSON.parse(input)).toEqual({ to: 7, tables: ['a.b'], dryRun: false, by: 'olga' });
    expect(operationOf(execution({ kind: 'rollback', input }))).toMatchObject({
      ...{ id: 'one', request, by: 'olga', state: 'running', endedAt: null },
    });
  });

  it('of the schedule has neither; one that no operation could be is none', () => {
    expect(operationOf(execution({ kind: 'manual-delta' }))).toMatchObject({
      ...{ request: { kind: 'manual-delta' }, by: 'the schedule or another tool' },
    });
    expect(operationOf(execution({ kind: 'rollback', input: '{"to":"x"}' }))).toBeNull();
    expect(operationOf(execution({ input: 'not JSON' }))).toMatchObject({ request: { tables: null } });
  });

  it.each([
    ['verify', { verified: { equal: 3, different: 1, unsettled: 0, notComparable: 0 } }, '3 of 4 tables equal, 1 not'],
    [
      'sync-structure',
      { applied: { changes: 2, left: 1, stopped: 0 } },
      '2 differences made good, 1 table left as they are',
    ],
    [
      'rollback',
      { applied: { from: 1, to: 2, extracts: 2, rows: 1, more: false } },
      '1 change of 2 extracts applied again',
    ],
    ['full-extract', {}, 'copied'],
  ] as const)('%s that succeeded says what it did', (kind, output, message) => {
    const input = JSON.stringify({ to: 1 });
    const ended = execution({ kind, input, status: 'SUCCEEDED', output: JSON.stringify(output) });
    expect(operationOf(ended)).toMatchObject({ state: 'succeeded', message, endedAt: '2026-11-21T10:00:01.000000Z' });
  });

  it('that failed has the code, the words and the remedy of what its function threw', () => {
    const failed = operationOf(execution(functionFailed('PS1005 table is not chosen: a.b is not among them')));
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'PS1005', remedy: expect.stringMatching(/./) as unknown },
    });
    const unknown = operationOf(execution({ status: 'TIMED_OUT' }));
    expect(unknown).toMatchObject({
      state: 'failed',
      error: { code: 'PS9001', message: expect.stringContaining('longer') as unknown },
    });
  });

  it('that was stopped says by whom', () => {
    expect(operationOf(execution({ status: 'ABORTED', cause: 'by an operator' }))).toMatchObject({
      ...{ state: 'stopped', message: 'stopped by an operator; started again, it goes on from there', error: null },
    });
  });
});

it('a verification tells what its own proofs say, not those of others', () => {
  const proof = (table: string, at: string, verdict: TableProof['verdict']): TableProof => ({
    ...{ table, at, verdict, generation: 1, fingerprint: '', position: '', rows: 5, chunks: 1, checksum: '' },
    ...{ differing: verdict === 'different' ? 2 : 0, unsettled: 0, differsSince: null },
    ...{ destinationRows: verdict === 'equal' ? 5 : 3, repaired: 0, columns: [] },
  });
  const proofs = [
    proof('a.before', '2026-11-21T09:59:59.999999Z', 'different'),
    proof('a.equal', '2026-11-21T10:00:00.500000Z', 'equal'),
    proof('a.other', '2026-11-21T10:00:00.600000Z', 'different'),
    proof('a.after', '2026-11-21T10:00:01.000001Z', 'equal'),
  ];
  const span = { startedAt: '2026-11-21T10:00:00.000000Z', endedAt: '2026-11-21T10:00:01.000000Z' };
  const output = JSON.stringify({ verified: { equal: 1, different: 1, unsettled: 0, notComparable: 0 } });
  expect(verifiedResult(span, { output }, proofs)).toMatchObject({
    equal: false,
    tables: [
      { table: 'a.equal', state: 'equal', sourceRows: 5, destinationRows: 5 },
      { table: 'a.other', state: 'different', differing: 2, destinationRows: 3 },
    ],
  });
});
