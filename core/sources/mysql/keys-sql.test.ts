import { expect, it } from 'vitest';
import { mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { replicatedTable } from './describe.ts';
import { keysCondition } from './keys-sql.ts';
import type { SourceType } from './values/source-type.ts';

function conditionOf(type: SourceType, ...keys: readonly string[]): string {
  const column = {
    name: 'k',
    type,
    declared: type.tag,
    nullable: false,
    generated: 'no' as const,
    default: { tag: 'null' as const },
    placeInPrimaryKey: 1,
  };
  const source = {
    table: { schema: 'shop', name: 't' },
    engine: 'InnoDB',
    alteredAt: 0,
    isVersioned: false,
    cascades: [],
    columns: [column],
  };
  const policies = { zeroDates: 'stop', zeroLengthStrings: 'keep', cascades: 'refuse' } as const;
  const table = replicatedTable(source, mysqlSelection('shop', 't'), {
    fromLog: true,
    virtualColumns: false,
    policies,
  });
  return keysCondition(
    table,
    keys.map((key) => [key]),
  );
}

it('lists values of the type, so that an index is used', () => {
  expect(conditionOf({ tag: 'integer', bits: 32, unsigned: false }, '1', '-2')).toBe('(`k` IN (1, -2))');
  expect(conditionOf({ tag: 'time', fraction: 0 }, '23:59:59', '-837:00:00')).toBe(
    "(`k` IN ('23:59:59', '-837:00:00'))",
  );
});

// Seen on MySQL 5.7 and 8.0: `k IN ('23:59:59', 'x')` finds nothing. On 9.7: `d = '2023-02-30'` is an error.
it.each<[SourceType, string, readonly string[]]>([
  [{ tag: 'time', fraction: 0 }, '23:59:59', ['x', '99:99:99', '900:00:00', '12:00', '']],
  [{ tag: 'date' }, '2024-02-29', ['x', '2023-02-30', '0000-00-00', '2024-13-01', '2024-02-29 00:00:00']],
  [
    { tag: 'datetime', fraction: 3 },
    '2024-02-29 23:59:59.123',
    ['2024-02-29', '2024-02-29 24:00:00', '2023-02-29 00:00:00'],
  ],
])('never compares %s with what is none', (type, sound, others) => {
  const condition = conditionOf(type, sound, ...others);
  expect(condition.startsWith(`(\`k\` IN ('${sound}') OR `)).toBe(true);
  for (const other of others) expect(condition).not.toMatch(new RegExp(`\`k\` = '${other}'|[(,] ?'${other}'[,)]`));
});
