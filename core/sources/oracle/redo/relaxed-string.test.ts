import { describe, expect, it } from 'vitest';
import { printRedo } from '../../../../test/fixtures/oracle-fake/print-redo.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { RedoParser } from './redo-parser.ts';
import { NULL_VALUE } from './read-value.ts';
import type { RedoImage, RedoStatement, RedoValue } from './redo-statement.ts';

const seed = Number(process.env['SEED'] ?? 20_263);
const table = { owner: 'SHOP', name: 'NOTES' };
const COLUMNS = ['A', 'B', 'C', 'D'];
const PLAIN = ['a', 'b', ' ', '.', "'", "o'clock ", "it's ", '(', ')', ';', ',', ' where ', ' and ', 'ü'];
/** What ends a string where it stands alone. */
const GRAMMAR = [...PLAIN, "','", "')", "',NULL", "'||'", '\' where "', '\', "A" = \'x', `' and "B" = '`, "';"];

function randomValue(random: Random, pieces: readonly string[]): RedoValue {
  if (random.chance(0.2)) return NULL_VALUE;
  const text = Array.from({ length: 1 + random.below(5) }, () => random.pick(pieces)).join('');
  return { tag: 'text', text };
}

function randomNote(random: Random, pieces: readonly string[]): RedoStatement {
  const image = (names: readonly string[]): RedoImage => ({
    names,
    values: names.map(() => randomValue(random, pieces)),
  });
  const some = () => COLUMNS.slice(0, 1 + random.below(COLUMNS.length));
  switch (random.pick(['insert', 'update', 'delete'] as const)) {
    case 'insert':
      return { op: 'insert', table, set: image(COLUMNS) };
    case 'update':
      return { op: 'update', table, set: image(some()), where: image(some()), rowId: null };
    case 'delete':
      return { op: 'delete', table, where: image(COLUMNS), rowId: null };
  }
}

interface Outcomes {
  right: number;
  refused: number;
  wrong: string[];
}

/** Statements whose apostrophes stand as they are, as far as they cannot be read as SQL. */
function readMany(from: number, pieces: readonly string[], count: number, of: RedoStatement['op'] | 'all'): Outcomes {
  const random = new Random(from);
  const strict = new RedoParser('strict');
  const relaxed = new RedoParser('relaxed');
  const outcomes: Outcomes = { right: 0, refused: 0, wrong: [] };
  for (let index = 0; index < count; index++) {
    const statement = randomNote(random, pieces);
    if (of !== 'all' && statement.op !== of) continue;
    const sql = printRedo(statement, { escaped: false, delimiter: random.chance(0.5) });
    if (strict.parse(sql).op !== 'fault') continue;
    const read = relaxed.parse(sql);
    if (read.op === 'fault') outcomes.refused++;
    else if (JSON.stringify(read) === JSON.stringify(statement)) outcomes.right++;
    else outcomes.wrong.push(sql);
  }
  return outcomes;
}

describe(`apostrophes that are not escaped (SEED=${seed})`, () => {
  it('are read right, or not at all', () => {
    const { right, refused, wrong } = readMany(seed, PLAIN, 5000, 'all');
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(refused);
  });

  it('are never read wrong in an insert, whatever stands around them', () => {
    const { right, refused, wrong } = readMany(seed + 1, GRAMMAR, 15_000, 'insert');
    expect(wrong).toEqual([]);
    expect(right).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  it('are taken for SQL in an update only where they are all of it', () => {
    const { wrong } = readMany(seed + 2, GRAMMAR, 15_000, 'all');
    // A text that has the form of an assignment or a condition of its own: nobody can tell.
    for (const sql of wrong) expect(sql).toMatch(/', "A" = '|' and "B" = '|' where "|';/);
  });
});
