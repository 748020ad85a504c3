import { expect, it } from 'vitest';
import { tableSchema, type TableSchema } from '../../../core/changes/table-schema.ts';
import { checkedSettings } from '../../../core/pipeline/checked-settings.ts';
import type { ConsoleInstance } from '../console-host.ts';
import { checkTables } from './check-tables.ts';

const TABLES = 10_000;
const connection = (type: string) => ({ type, host: 'h', user: 'u', database: 'd', password: { env: 'P' } });
const settings = checkedSettings(
  JSON.stringify({
    pipeline: 'many',
    source: connection('postgres'),
    destination: connection('singlestore'),
    tables: Array.from({ length: TABLES }, (_, index) => ({ name: `public.t_${index}` })),
  }),
  '/penstock.yaml',
);

/** A source whose tables have no key, and some of them no column either that the destination could hold. */
function source(isEmpty: (index: number) => boolean): Pick<ConsoleInstance, 'source'> {
  const describeTables = (_settings: unknown, tables: readonly { readonly table: TableSchema['table'] }[]) =>
    Promise.resolve(
      tables.map(({ table }, index) => {
        const name = isEmpty(index) ? 'x'.repeat(100) : 'id';
        const column = { name, type: { tag: 'integer', bits: 64, unsigned: false }, sourceType: 'bigint' } as const;
        const columns = [{ ...column, nullable: false, backfill: null }];
        return tableSchema({ table, columns, identity: { tag: 'row' } });
      }),
    );
  const desk = { describeTables, listTables: () => Promise.resolve([]), test: () => Promise.resolve([]) };
  return { source: desk };
}

const { signal } = new AbortController();

it('names the first warnings of ten thousand, and counts the others', async () => {
  const { findings, more } = await checkTables(
    source(() => false),
    settings,
    settings.tables,
    signal,
  );
  expect(findings).toHaveLength(20);
  expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
  expect(more).toBe(TABLES - 20);
});

it('names errors before warnings, however late they come', async () => {
  const { findings, more } = await checkTables(
    source((index) => index >= TABLES - 30),
    settings,
    settings.tables,
    signal,
  );
  expect(findings.map(({ severity }) => severity)).toEqual([
    ...Array.from({ length: 20 }, () => 'error'),
    ...Array.from({ length: 20 }, () => 'warning'),
  ]);
  expect(findings.length + more).toBe(TABLES);
});
