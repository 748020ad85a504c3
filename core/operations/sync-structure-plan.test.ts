import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../changes/column-type.ts';
import { tableSchema, type Column, type RowIdentity, type TableSchema } from '../changes/table-schema.ts';
import { passingFault, planSync, type ComparedStructures, type Difference } from './sync-structure-plan.ts';

const text = (maxCharacters: number | null): ColumnType => ({ tag: 'text', maxCharacters });
const integer = (bits: 32 | 64): ColumnType => ({ tag: 'integer', bits, unsigned: false });

/** `name#id` → type; without an id the source has none. */
function schemaOf(
  columns: Record<string, ColumnType | Partial<Column>>,
  identity: RowIdentity = { tag: 'key', columns: ['id'] },
): TableSchema {
  return tableSchema({
    table: { schema: 's', name: 't' },
    columns: Object.entries(columns).map(([name, given]) => {
      const [label = '', sourceId] = name.split('#');
      const rest = 'tag' in given ? { type: given } : given;
      const ids = sourceId === undefined ? {} : { sourceId };
      return { name: label, ...ids, type: text(20), nullable: true, sourceType: '', backfill: null, ...rest };
    }),
    identity,
  });
}

const has = schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) });

function differences(now: TableSchema, more: Partial<ComparedStructures> = {}): Difference[] {
  const standing = (more.has ?? has).columns.map(({ name }) => ({ name, type: '', nullable: true }));
  return planSync({ has, now, standing, kept: [], ...more });
}

const brief = (found: readonly Difference[]) => found.map((one) => [one.class, one.what, one.change]);
const standingOf = (...names: string[]) => names.map((name) => ({ name, type: '', nullable: true }));

describe('differences', () => {
  it('of equal tables are none', () => {
    expect(differences(has)).toEqual([]);
  });

  it('that lose nothing are safe', () => {
    const now = schemaOf({ 'id#1': integer(64), 'title#2': text(40), 'extra#4': { type: text(9), backfill: 'e' } });
    expect(brief(differences(now))).toEqual([
      ['safe', 'column name was renamed to title', { tag: 'rename', column: 'title', from: 'name' }],
      ['safe', 'column id changed from integer(32) to integer(64)', { tag: 'widen', column: 'id' }],
      ['safe', 'column title changed from text(20) to text(40)', { tag: 'widen', column: 'title' }],
      ['safe', 'column n was dropped', null],
      ['safe', 'column extra was added', { tag: 'add', column: 'extra' }],
    ]);
  });

  it('that depend on the data are unsafe', () => {
    const now = schemaOf({
      'id#1': integer(32),
      'name#2': text(10),
      'n#3': { type: { tag: 'decimal', precision: 9, scale: 2 } },
    });
    expect(brief(differences(now))).toEqual([
      ['unsafe', 'column name changed from text(20) to text(10)', { tag: 'narrow', column: 'name' }],
      ['unsafe', 'column n changed from integer(64) to decimal(9,2)', { tag: 'narrow', column: 'n' }],
    ]);
  });

  it.each<[string, TableSchema, Partial<ComparedStructures>, RegExp]>([
    ['another type', schemaOf({ 'id#1': integer(32), 'name#2': integer(32), 'n#3': integer(64) }), {}, /converted/],
    [
      'another key',
      schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'key', columns: ['id', 'n'] }),
      {},
      /key/,
    ],
    [
      'a renamed key',
      schemaOf({ 'no#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'key', columns: ['no'] }),
      {},
      /key/,
    ],
    [
      'a column in the place of another',
      schemaOf({ 'id#1': integer(32), 'name#9': text(20), 'n#3': integer(64) }),
      {},
      /nowhere/,
    ],
    [
      'unknown values',
      schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64), 'x#4': { backfillUnknown: true } }),
      {},
      /log does not hold/,
    ],
    [
      'a drop or rename without ids',
      schemaOf({ id: integer(32), title: text(20) }),
      { has: schemaOf({ id: integer(32), name: text(20) }) },
      /does not tell/,
    ],
    [
      'columns that changed places',
      schemaOf({ 'id#1': integer(32), 'n#2': text(20), 'name#3': integer(64) }),
      {},
      /circle/,
    ],
    ['a table that is gone', has, { standing: null }, /somebody/],
    ['a column that somebody dropped', has, { standing: standingOf('id', 'name') }, /somebody/],
    [
      'a name that is taken',
      schemaOf({ 'id#1': integer(32), 'title#2': text(20), 'n#3': integer(64) }),
      { standing: standingOf('id', 'name', 'n', 'TITLE') },
      /another column of that name/,
    ],
    [
      'a name that a kept column has',
      schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64), 'old#4': text(1) }),
      { standing: standingOf('id', 'name', 'n', 'old'), kept: ['old'] },
      /still has/,
    ],
  ])('%s is impossible', (_, now, more, reason) => {
    const found = differences(now, more).filter((one) => one.class === 'impossible');
    expect(found.length).toBeGreaterThan(0);
    expect(
      found.every((one) => one.change === null && reason.test(one.reason + one.what)),
      JSON.stringify(found),
    ).toBe(true);
  });

  it('in tables without a key: a name may change, the columns may not', () => {
    const rows = { tag: 'row' } as const;
    const before = schemaOf({ 'a#1': text(5), 'b#2': text(5) }, rows);
    expect(differences(schemaOf({ 'a#1': text(5), 'c#2': text(5) }, rows), { has: before })).toMatchObject([
      { class: 'safe', what: 'column b was renamed to c' },
    ]);
    for (const now of [
      schemaOf({ 'a#1': text(5) }, rows),
      schemaOf({ 'a#1': text(5), 'b#2': text(5), 'c#3': text(5) }, rows),
    ]) {
      expect(differences(now, { has: before }).map((one) => one.class)).toEqual(['impossible']);
    }
  });

  it('renames go from the free name on, and those that are done stay done', () => {
    const now = schemaOf({ 'id#1': integer(32), 'n#2': text(20), 'm#3': integer(64), 'name#4': text(5) });
    const changes = [
      { tag: 'rename', column: 'm', from: 'n' },
      { tag: 'rename', column: 'n', from: 'name' },
      { tag: 'add', column: 'name' },
    ];
    expect(differences(now).map((one) => one.change)).toEqual(changes);
    // The first one was done before an interruption.
    const standing = standingOf('id', 'name', 'm');
    expect(differences(now, { standing }).map((one) => one.change)).toEqual(changes);
  });
});

it('ids that are no numbers do not prove a rename', () => {
  const typed = (name: string) => schemaOf({ 'id#integer': integer(32), [`${name}#text/utf8`]: text(20) });
  expect(differences(typed('title'), { has: typed('name') }).map((one) => one.class)).toEqual(['impossible', 'safe']);
  expect(differences(typed('name'), { has: typed('name') })).toEqual([]);
});

describe('structures on the way', () => {
  const now = schemaOf({ 'id#1': integer(32), 'title#2': text(20), 'n#3': integer(64) });

  it('may be passed over where no value changed', () => {
    expect(passingFault(has, [], now)).toBeNull();
    expect(passingFault(has, [has, schemaOf({ id: integer(32), name: text(20), n: integer(64) })], now)).toBeNull();
  });

  it('are in the way where the source may have changed rows without logging them', () => {
    const narrower = schemaOf({ 'id#1': integer(32), 'name#2': text(5), 'n#3': integer(64) });
    const other = schemaOf({ 'id#1': integer(32), 'name#2': integer(32), 'n#3': integer(64) });
    expect(passingFault(has, [narrower], has)).toMatch(/name changed from text\(20\) to text\(5\)/);
    expect(passingFault(has, [other], has)).toMatch(/name changed from text\(20\) to integer/);
  });
});
