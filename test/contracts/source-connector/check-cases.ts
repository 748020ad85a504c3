import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableId } from '../../../core/changes/table-name.ts';
import type { Finding, SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, errorsOf, type Contract } from './contract.ts';
import { eventually } from '../../fixtures/eventually.ts';
import { NEVER, select } from './reading.ts';
import type { CheckFault, DatabaseUnderTest } from './source-under-test.ts';

const SOUND = 'CREATE TABLE sound (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))';

/** What is wrong is found, and the remedy mends it. */
export function checkCases(contract: Contract): void {
  describe('check', () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'check');
      await bench.run(SOUND);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it('finds nothing wrong with a sound table, before and behind prepare; each finding is whole', async () => {
      const tables = [select(bench.database, 'sound')];
      for (const again of [false, true]) {
        if (again) await bench.source.prepare(tables, null, NEVER);
        const findings = await bench.source.check(tables, NEVER);
        expect(errorsOf(findings)).toEqual([]);
        expect(findings.length).toBeGreaterThan(3);
        for (const { code, severity, message, remedy } of findings) {
          expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
          expect(message).not.toBe('');
          expect(remedy === null).toBe(severity === 'ok');
        }
      }
      await bench.source.teardown(NEVER);
      expect(await bench.database.remains(), 'check makes nothing').toEqual([]);
    });

    it('finds a table and a column that are not there, and a condition that is none', async () => {
      for (const table of [
        select(bench.database, 'missing'),
        select(bench.database, 'sound', { mask: ['nope'] }),
        select(bench.database, 'sound', { where: 'nope > 1' }),
      ]) {
        const findings = await bench.source.check([table, select(bench.database, 'sound')], NEVER);
        expect(errorsOf(findings)).toHaveLength(1);
        expect(errorsOf(findings)[0]).toContain(table.table.name);
      }
    });

    it.each(contract.source.faults.map((fault) => ({ ...fault })))('$name', async (fault) => {
      await using elsewhere = await openAt(fault);
      if (elsewhere !== null) await elsewhere.admin.run(SOUND);
      await checkFault(elsewhere ?? bench.database, fault);
    });

    function openAt({ at }: CheckFault): Promise<DatabaseUnderTest | null> {
      if (at === undefined) return Promise.resolve(null);
      return at === 'own' ? contract.own().database('contract_check') : at();
    }

    it('finds what a user without rights lacks; the remedies give it', async () => {
      const { user, password } = await bench.database.poorUser();
      await using poor = bench.database.connect({ settings: { user }, password });
      const tables = [select(bench.database, 'sound')];
      const before = await poor.check(tables, NEVER);
      expect(errorsOf(before)).not.toEqual([]);
      await mendAll(bench.database, poor, tables);
      expect(errorsOf(await poor.check(tables, NEVER))).toEqual([]);
      const start = await poor.prepare(tables, null, NEVER);
      expect(await poor.prepare(tables, start, NEVER)).toEqual(start);
      await bench.source.teardown(NEVER);
    });

    it('lists the tables that can be chosen, without those of the source itself', async () => {
      await bench.run(
        'CREATE TABLE listed_keyless (a INTEGER)',
        'CREATE TABLE listed_pair (b INTEGER NOT NULL, a INTEGER NOT NULL, PRIMARY KEY (a, b))',
      );
      const listed = await bench.source.listTables(NEVER);
      const own = listed.filter(({ table }) => table.schema === bench.database.table('sound').schema);
      const keys = new Map(own.map(({ table, key }) => [table.name, key]));
      expect([...keys.keys()].filter((name) => !name.startsWith('fault_')).sort()).toEqual([
        ...['listed_keyless', 'listed_pair', 'sound'].map((name) => bench.database.table(name).name),
      ]);
      expect(keys.get(bench.database.table('listed_keyless').name)).toBeNull();
      expect([...keys.get(bench.database.table('listed_pair').name)!].sort()).toEqual(['a', 'b']);
      for (const { estimatedRows } of own) if (estimatedRows !== null) expect(estimatedRows).toBeGreaterThanOrEqual(0);
      expect(new Set(listed.map(({ table }) => tableId(table))).size).toBe(listed.length);
    });
  });
}

async function checkFault(database: DatabaseUnderTest, fault: CheckFault): Promise<void> {
  const table = select(database, fault.table ?? 'sound', fault.choices ?? {});
  await using source = database.connect(fault.settings === undefined ? {} : { settings: fault.settings });
  const found = async () => (await source.check([table], NEVER)).filter(isOf(fault));
  await database.admin.run(...fault.make);
  try {
    // A setting that was reloaded holds a moment later.
    await eventually(async () => (await found()).length > 0, 'it is found');
    const findings = await found();
    expect(findings).toHaveLength(1);
    const remedy = findings[0]!.remedy ?? '';
    if (fault.remedy !== 'sql') {
      expect(remedy).toMatch(fault.remedy);
      return;
    }
    await database.admin.run(...statementsOf(remedy));
    await eventually(async () => (await found()).length === 0, `nothing is found after ${remedy}`);
  } finally {
    if (fault.undo !== undefined) await database.admin.run(...fault.undo);
  }
}

function isOf({ code, severity }: CheckFault): (finding: Finding) => boolean {
  return (finding) => finding.code === code && finding.severity === severity;
}

/** One remedy may be the condition of another. */
async function mendAll(
  database: DatabaseUnderTest,
  source: SourceConnector,
  tables: readonly TableSelection[],
): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const errors = (await source.check(tables, NEVER)).filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return;
    for (const { remedy } of errors) await database.admin.run(...statementsOf(remedy ?? ''));
  }
}

const STATEMENT = /^(ALTER|CREATE|GRANT|SET|INSTALL|SELECT|CALL|FLUSH|EXEC) (?!ROLE the user)/;

/** The statements of a remedy; what is said beside them is for people. None of them has a semicolon inside. */
function statementsOf(remedy: string): string[] {
  return remedy.split(';').flatMap((part) => (STATEMENT.test(part.trim()) ? [part.trim()] : []));
}
