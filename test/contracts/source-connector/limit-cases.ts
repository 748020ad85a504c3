import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableId } from '../../../core/changes/table-name.ts';
import { Bench, errorsOf, failure, tellsNet, type Contract } from './contract.ts';
import { NEVER, select } from './reading.ts';

/** What a source cannot do by its nature is said before anything is read; what it can do is not refused. */
export function limitCases(contract: Contract): void {
  describe('limits', () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'limits');
      await bench.run(
        'CREATE TABLE limit_keyless (a INTEGER)',
        ...contract.dialect.wholeOldRows('limit_keyless'),
        'CREATE TABLE limit_chosen (id INTEGER NOT NULL, code INTEGER NOT NULL, PRIMARY KEY (id), UNIQUE (code))',
        ...contract.dialect.wholeOldRows('limit_chosen'),
        'CREATE TABLE limit_none (id INTEGER NOT NULL, PRIMARY KEY (id))',
      );
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it.each([
      ['keyless', 'limit_keyless', {}],
      ['chosenKey', 'limit_chosen', { key: ['code'] }],
    ] as const)('%s: replicated, or refused by check and by whoever begins', async (ability, name, choices) => {
      const table = select(bench.database, name, choices);
      const errors = errorsOf(await bench.source.check([table], NEVER));
      if (contract.source.cannot[ability] === undefined) {
        expect(errors).toEqual([]);
        await bench.prepareAnew([table]);
        expect(await bench.source.describeTables([table], NEVER)).toHaveLength(1);
        return;
      }
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain(tableId(table.table));
      for (const call of [
        () => bench.source.describeTables([table], NEVER),
        () => bench.source.prepare([table], null, NEVER),
      ]) {
        expect(await failure(call())).toMatchObject({ code: 'PS2011', table: tableId(table.table), retry: 'manual' });
      }
    });

    it('everyVersion: told by the log, or missing by a warning of check', async () => {
      const findings = await bench.source.check([select(bench.database, 'limit_none')], NEVER);
      const warnings = findings.filter(({ code }) => code.endsWith('.net_changes'));
      expect(warnings.map(({ severity }) => severity)).toEqual(tellsNet(contract) ? ['warning'] : []);
    });
  });
}
