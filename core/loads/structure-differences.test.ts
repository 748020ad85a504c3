import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../changes/column-type.ts';
import { tableSchema, type Column, type RowIdentity, type TableSchema } from '../changes/table-schema.ts';
import { structureDifferences, type ComparedStructures, type Difference } from './structure-differences.ts';

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
  return structureDifferences({
    ...{ has, now, standing, kept: [], drops: 'keep', readFrom: 'source', mayReplace: true },
    ...more,
  });
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
      ['safe', 'column n was dropped', null],
      ['safe', 'column name was renamed to title', { tag: 'rename', column: 'title', from: 'name' }],
      ['safe', 'column id changed from integer(32) to integer(64)', { tag: 'widen', column: 'id' }],
      ['safe', 'column title changed from text(20) to text(40)', { tag: 'widen', column: 'title' }],
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
      'another key where the table must not be replaced',
      schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'key', columns: ['id', 'n'] }),
      { mayReplace: false },
      /truncateInsteadOfDrop/,
    ],
    [
      'no key any more',
      schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'row' }),
      {},
      /without a key/,
    ],
    [
      'a drop or rename that the log, read late, does not tell',
      schemaOf({ 'id#1': integer(32), title: text(20), 'n#3': integer(64) }),
      { readFrom: 'log' },
      /does not tell/,
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

it('another key, and a renamed one, make the table anew where its rows allow it', () => {
  const wider = schemaOf(
    { 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) },
    { tag: 'key', columns: ['id', 'n'] },
  );
  const key = 'the key changed from (id) to (id, n)';
  expect(differences(wider)).toMatchObject([{ kind: 'key', class: 'unsafe', what: key, change: null }]);
  const renamed = schemaOf(
    { 'no#1': integer(32), 'name#2': text(20), 'n#3': integer(64) },
    { tag: 'key', columns: ['no'] },
  );
  expect(differences(renamed).map(({ kind }) => kind)).toEqual(['key', 'rename']);
  const keyless = schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'row' });
  const more = schemaOf({ 'id#1': integer(32), 'n#3': integer(64), 'extra#4': text(3) });
  expect(differences(more, { has: keyless }).map(({ kind }) => kind)).toEqual(['key', 'drop', 'add']);
});

describe('dropped columns that are not to be kept', () => {
  it('go with their values, those that were kept earlier too, and make room for others of their names', () => {
    const now = schemaOf({ 'id#1': integer(32), 'name#9': { type: text(5), backfill: 'x' }, 'old#10': text(5) });
    const standing = standingOf('id', 'name', 'n', 'OLD', 'mine');
    const found = differences(now, { drops: 'drop', standing, kept: ['old', 'gone'] });
    expect(brief(found)).toEqual([
      ['unsafe', 'column name was dropped', { tag: 'drop', column: 'name' }],
      ['unsafe', 'column n was dropped', { tag: 'drop', column: 'n' }],
      ['unsafe', 'column old was dropped earlier', { tag: 'drop', column: 'old' }],
      ['safe', 'column name was added', { tag: 'add', column: 'name' }],
      ['safe', 'column old was added', { tag: 'add', column: 'old' }],
    ]);
  });

  it('make room for a column that takes their name', () => {
    const now = schemaOf({ 'id#1': integer(32), 'name#3': integer(64) });
    expect(differences(now, { drops: 'drop' }).map(({ change }) => change)).toEqual([
      { tag: 'drop', column: 'name' },
      { tag: 'rename', column: 'name', from: 'n' },
    ]);
    expect(differences(now).map((one) => one.class)).toContain('impossible');
  });

  it('are not missed where somebody dropped them at the destination already', () => {
    const now = schemaOf({ 'id#1': integer(32), 'name#2': text(20) });
    expect(differences(now, { standing: standingOf('id', 'name') }).map((one) => one.class)).toEqual(['safe']);
  });
});
