import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { digestText } from '../../../../core/changes/row-digest.ts';
import { readingOf } from '../../../../core/sources/oracle/types.ts';
import type { Session } from '../../../../core/sources/oracle/server/session.ts';
import { sourceTypeOf, type SourceType } from '../../../../core/sources/oracle/values/source-type.ts';
import { allRows } from '../../../../core/sources/session.ts';
import { openFake, type OpenedFake } from './servers.ts';
import { oracleTypes } from './types.ts';

// The types of the contract suite on the fake: it keeps their values, tells their types as a catalog does, and prints them as sessions of
// Oracle do, of which types.ts makes what the fake's own functions say.

const NEVER = new AbortController().signal;
const TYPES = oracleTypes('fake', null).map((typeCase, index) => ({ ...typeCase, index }));
const POLICIES = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;

let opened: OpenedFake;
let session: Session;
beforeAll(async () => {
  opened = await openFake(inject('postgres'), 'kinds', { type: 'oracle', extractType: 'continuousLogMiner' }, () => {
    throw new Error('there is nothing to connect');
  });
  session = await opened.oracle.opener()(NEVER);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await opened.database[Symbol.asyncDispose]();
});

describe('a type of the suite', () => {
  it.each(TYPES)('$type is kept, told and printed', async ({ type, values, canonical, index }) => {
    const { database } = opened;
    const { admin } = database;
    await admin.run(`CREATE TABLE k${index} (id INTEGER NOT NULL, v ${type}, PRIMARY KEY (id))`);
    const literals = values.map((value) => (typeof value === 'string' ? value : value.sql));
    await admin.run(...literals.map((literal, place) => `INSERT INTO k${index} (id, v) VALUES (${place}, ${literal})`));
    const columns = [await columnOf(`k${index}`)];
    const name = database.table(`k${index}`);
    const id = { name: 'id', type: { tag: 'number', precision: 38, scale: 0 } } as const;
    const printed = await allRows(session, {
      tag: 'rows',
      table: name,
      asOf: null,
      columns,
      conditions: [],
      orderBy: id,
    });
    const told = await admin.rows(`SELECT ${canonical} FROM k${index} ORDER BY id`);
    const reading = readingOf(columns[0]!.type, POLICIES);
    expect(printed).toHaveLength(values.length);
    for (const [place, value] of values.entries()) {
      const text = printed[place]?.[0] ?? null;
      const misfit = text === null ? null : (reading.misfit?.(text) ?? null);
      expect(misfit, `misfit of value ${place}`).toBe(typeof value === 'string' ? null : value.misfit);
      if (misfit !== null) continue;
      const alike = (plain: string | null) =>
        plain === null ? null : same(reading.type.tag, digestText(reading.type, plain));
      expect(alike(text === null ? null : (reading.decode?.(text) ?? text)), `value ${place}`).toBe(
        alike(told[place]?.[0] ?? null),
      );
    }
  });
});

function same(tag: string, text: string): string {
  return tag === 'double' ? String(Number(text)) : tag === 'binary' ? text.toLowerCase() : text;
}

async function columnOf(table: string): Promise<{ readonly name: string; readonly type: SourceType }> {
  const rows = await allRows(session, { tag: 'columns', tables: [opened.database.table(table)] });
  const row = rows.find((column) => column[2] === 'v')!;
  const number = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text));
  const type = sourceTypeOf({
    ...{ name: row[6] ?? '', owner: row[7] ?? null, length: Number(row[8]), characters: Number(row[9]) },
    ...{ precision: number(row[10]), scale: number(row[11]) },
  });
  return { name: 'v', type };
}
