import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowChange } from '../../../core/changes/change.ts';
import { describeType, type ColumnType } from '../../../core/changes/column-type.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { digestText, rowHash } from '../../../core/changes/row-digest.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import { digestSum } from '../../../core/sources/converted-digests.ts';
import type { MisfitRow, Snapshot, SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { digestOf } from './choice-cases.ts';
import { Bench, tellsNet, errorsOf, failure, type Contract } from './contract.ts';
import { linesOf } from './fetch-cases.ts';
import { NEVER, changesOf, readChunk, readToNow, select } from './reading.ts';
import type { TypeCase } from './source-under-test.ts';

/**
 * Every type: the value of a copy = the value of the log (insert, update, and the old row of a delete) = the value that the source
 * tells by functions of its own; and what does not fit is judged alike.
 */
export function typeCases(contract: Contract): void {
  describe('types', () => {
    let bench: Bench;
    let quarantining: SourceConnector;
    let keyed: readonly TableSelection[];
    let keyless: readonly TableSelection[];
    let keyedSchemas: readonly TableSchema[];
    let keylessSchemas: readonly TableSchema[];
    let changes: Map<string, RowChange[]>;
    let snapshot: Snapshot;
    const { types } = contract.source;
    const { innerVersions } = contract.source.cannot;

    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'types');
      quarantining = bench.database.connect({ misfits: 'quarantine' });
      await bench.run(...contract.source.typeSetup);
      for (const [index, { type }] of types.entries()) {
        await bench.run(
          `CREATE TABLE k${index} (id INTEGER NOT NULL, v ${type}, n INTEGER, PRIMARY KEY (id))`,
          `CREATE TABLE r${index} (v ${type}, n INTEGER)`,
          ...contract.dialect.wholeOldRows(`r${index}`),
        );
      }
      keyed = types.map((_, index) => select(bench.database, `k${index}`));
      keyless = types.map((_, index) => select(bench.database, `r${index}`));
      const all = [...keyed, ...keyless.filter((_, index) => !needsKey(types[index]!))];
      const start = await bench.prepareAnew(all);
      // Where the log tells no version of a row that is there no more, the inserts are read before the updates.
      const first = tellsNet(contract) ? (count: number) => count : () => Infinity;
      const halves = types.map((typeCase, index) => {
        const all = statements(index, literals(typeCase));
        return [all.slice(0, first(typeCase.values.length + 1)), all.slice(first(typeCase.values.length + 1))];
      });
      const logged: RowChange[] = [];
      let reached = start;
      for (const half of [0, 1]) {
        for (const [index, each] of halves.entries()) {
          const inserts = innerVersions === undefined ? 0 : (types[index]?.values.length ?? 0) + 1;
          await bench.run('BEGIN', ...each[half]!.slice(0, inserts), 'COMMIT');
          await bench.run('BEGIN', ...each[half]!.slice(inserts), 'COMMIT');
        }
        const read = await readToNow(bench.source, reached, all);
        const told = changesOf(read.events);
        if (tellsNet(contract)) told.sort((a, b) => Number(a.after?.[0]) - Number(b.after?.[0]));
        logged.push(...told);
        ({ reached } = read);
      }
      [keyedSchemas, keylessSchemas] = [
        await bench.source.describeTables(keyed, NEVER),
        await bench.source.describeTables(all.slice(keyed.length), NEVER),
      ];
      changes = Map.groupBy(logged, (change) => change.schema.table.name);
      snapshot = await quarantining.openSnapshot({ tables: all, readers: 1 }, NEVER);
    });
    afterAll(async () => {
      await snapshot[Symbol.asyncDispose]();
      await quarantining[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    });

    const each = types.map((typeCase, index) => ({ ...typeCase, index }));

    it.each(each)('$type: insert, update, copy and source agree', async ({ index, canonical, values }) => {
      const table = keyed[index]!;
      const schema = keyedSchemas[index]!;
      const type = schema.columns[1]!.type;
      const count = values.length + 1;
      const logged = changes.get(`k${index}`)!;
      const [inserts, updates] = [logged.slice(0, count), logged.slice(count)];
      for (const { schema: read } of logged) expect(read.fingerprint).toBe(schema.fingerprint);

      // As the source tells it: every row has the value after its own by now.
      const told = await bench.database.admin.rows(`SELECT id, ${canonical} FROM k${index}`);
      const expected = told.map(([id, text]): Verdict => {
        const place = Number(id) % count;
        const value = values[place];
        return typeof value === 'object' ? { place, misfit: value.misfit } : fitting(type, place, text ?? null);
      });
      expected.sort(byPlace);
      expect(inserts.map(({ after, misfit }) => verdictOf(type, Number(after![0]) - 1, after![1], misfit))).toEqual(
        expected,
      );
      const updated = updates.map(({ after, misfit }) => verdictOf(type, Number(after![0]) % count, after![1], misfit));
      expect(updated.sort(byPlace)).toEqual(expected);

      const { rows, misfits, counted } = await readChunk(snapshot, table, schema);
      expect(counted).toBe(rows.length);
      const copied = [
        ...rows.map(([id, text]) => verdictOf(type, Number(id) % count, text, null)),
        ...misfits.map((misfit) => verdictOf(type, Number(misfit.row['id']) % count, misfit.row['v'], misfit)),
      ];
      expect(copied.sort(byPlace)).toEqual(expected);
      // Not only of one meaning: of one text.
      const texts = new Map(updates.map(({ after }) => [after![0], after![1]]));
      for (const [id, text] of rows) expect(text).toBe(texts.get(id));
      for (const { row } of misfits) expect(row['v']).toBe(texts.get(row['id']));
    });

    it.each(each)('$type: fetched rows and digests are those of the copy', async ({ index, values }) => {
      const table = keyed[index]!;
      const schema = keyedSchemas[index]!;
      const { rows, misfits } = await readChunk(snapshot, table, schema);
      const keys = [...values, null].map((_, place) => [String(place + 1)]);
      const fetched = await linesOf(bench.source.fetchRows({ selection: table, schema, keys }, NEVER));
      expect(fetched.rows.sort()).toEqual(rows.sort());
      const told = (some: readonly MisfitRow[]) => some.map(({ row, reason }) => [row['id'], row['v'], reason]).sort();
      expect(told(fetched.misfits)).toEqual(told(misfits));

      const request = { selection: table, schema, range: { tag: 'whole' } as const };
      const { type } = schema.columns[1]!;
      const listed: unknown[] = [];
      // Of verified rows those that do not fit are left out.
      for await (const { key, digest, doubles } of quarantining.rowDigests(request, NEVER))
        listed.push([key[0], digest, doubles.map((text) => text && Number(text))]);
      const copied = rows.map((row) => {
        const doubles = type.tag === 'double' ? [typeof row[1] === 'string' ? Number(row[1]) : null] : [];
        return [row[0], digestOf(schema, row), doubles];
      });
      expect(listed.sort()).toEqual(copied.sort());
    });

    it.each(each.filter(needsKey))('$type in a table without a key is refused', async ({ index }) => {
      const table = keyless[index]!;
      expect(await failure(bench.source.describeTables([table], NEVER))).toMatchObject({ code: 'PS2011' });
      const findings = await bench.source.check([table], NEVER);
      expect(errorsOf(findings).filter((error) => error.includes(table.table.name))).not.toEqual([]);
    });

    const replicated = each.filter((typeCase) => !needsKey(typeCase));
    it.each(replicated)(
      '$type in a table without a key: hashes, digests and old rows agree',
      async ({ index, values }) => {
        const table = keyless[index]!;
        const schema = keylessSchemas[replicated.findIndex((typeCase) => typeCase.index === index)]!;
        const logged = changes.get(`r${index}`)!;
        const count = values.length + 1;
        const inserts = logged.filter(({ op }) => op === 'insert');
        const updates = logged.filter(({ op }) => op === 'update');
        const deletes = logged.filter(({ op }) => op === 'delete');
        expect([inserts.length, updates.length, deletes.length]).toEqual([count, count, Math.ceil(count / 2)]);
        expect(updates.map(({ before }) => before)).toEqual(inserts.map(({ after }) => after));
        const updated = new Set(updates.map(({ after }) => JSON.stringify(after)));
        for (const { before } of deletes) expect(updated).toContain(JSON.stringify(before));

        const { rows, misfits } = await readChunk(snapshot, table, schema);
        expect(rows.length + misfits.length).toBe(Math.floor(count / 2));
        const digests = rows.map(([hash, ...texts]) => {
          expect(hash).toBe(rowHash(texts));
          expect(updated).toContain(JSON.stringify(texts));
          return digestOf(schema, texts);
        });
        const request = { selection: table, schema, range: { tag: 'whole' } as const };
        expect(await bench.source.checksum(request, NEVER)).toEqual({ rows: rows.length, sum: digestSum(digests) });
        const listed: string[] = [];
        for await (const { digest } of bench.source.rowDigests(request, NEVER)) listed.push(digest);
        expect(listed).toEqual(digests.sort());
      },
    );

    it('become what the list of this source says', async () => {
      const lines = types.map((typeCase, index) => {
        const inserts = changes.get(`k${index}`)!.slice(0, typeCase.values.length + 1);
        return report(typeCase, keyedSchemas[index]!, inserts);
      });
      await expect(lines.join('')).toMatchFileSnapshot(contract.source.typeList);
    });

    it.each(each.filter(({ values }) => values.some((value) => typeof value !== 'string')))(
      '$type: a copy that may not set rows aside stops at a value that does not fit',
      async ({ index, values }) => {
        const table = keyed[index]!;
        const schema = keyedSchemas[index]!;
        await using stopping = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
        const refused = await failure(readChunk(stopping, table, schema));
        expect(refused).toMatchObject({ code: 'PS4004', table: tableId(table.table) });
        const reasons = values.flatMap((value) => (typeof value === 'string' ? [] : [value.misfit]));
        expect(reasons.some((reason) => String(refused).includes(reason))).toBe(true);
      },
    );
  });
}

function needsKey(typeCase: TypeCase): boolean {
  return typeCase.needsKey !== undefined;
}

/** The canonical type and the texts of a type, for people to read. */
function report(typeCase: TypeCase, schema: TableSchema, inserts: readonly RowChange[]): string {
  const texts = inserts.map(({ after, misfit }) => clip(after?.[1]) + (misfit === null ? '' : ` (${misfit.reason})`));
  return `${typeCase.type}: ${describeType(schema.columns[1]!.type)} ${texts.join(' | ')}\n`;
}

function clip(text: string | null | undefined): string {
  if (typeof text !== 'string') return String(text).toUpperCase();
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 20)}… ${text.length}` : text);
}

/** What became of value number `place`: its text, or why it does not fit. */
type Verdict =
  { readonly place: number; readonly text: string | null } | { readonly place: number; readonly misfit: string };

function verdictOf(
  type: ColumnType,
  place: number,
  text: string | null | undefined,
  misfit: { readonly column: string; readonly reason: string } | null,
): Verdict {
  if (misfit === null) return fitting(type, place, text);
  expect(misfit.column).toBe('v');
  return { place, misfit: misfit.reason };
}

/** Texts of one value are alike: fractions and scales are filled up, doubles compared as numbers. */
function fitting(type: ColumnType, place: number, text: string | null | undefined): Verdict {
  if (text === undefined) throw new Error('the value is absent');
  if (text === null) return { place, text };
  return { place, text: type.tag === 'double' ? String(Number(text)) : digestText(type, text) };
}

function byPlace(a: Verdict, b: Verdict): number {
  return a.place - b.place;
}

function literals({ values }: TypeCase): string[] {
  return [...values.map((value) => (typeof value === 'string' ? value : value.sql)), 'NULL'];
}

/** Every value is inserted and given to another row by an update; in the table without a key half of the rows are deleted. */
function statements(index: number, values: readonly string[]): string[] {
  const count = values.length;
  const [k, r] = [`k${index}`, `r${index}`];
  return [
    ...values.map((value, place) => `INSERT INTO ${k} (id, v, n) VALUES (${place + 1}, ${value}, 0)`),
    ...values.map(
      (_, place) => `UPDATE ${k} SET v = ${values[(place + 1) % count] ?? ''}, n = 1 WHERE id = ${place + 1}`,
    ),
    ...values.map((value, place) => `INSERT INTO ${r} (v, n) VALUES (${value}, ${place})`),
    ...values.map((_, place) => `UPDATE ${r} SET n = n + 1000 WHERE n = ${place}`),
    ...values.flatMap((_, place) => (place % 2 === 0 ? [`DELETE FROM ${r} WHERE n = ${1000 + place}`] : [])),
  ];
}
