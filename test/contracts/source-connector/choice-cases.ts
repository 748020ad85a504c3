import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChunkRange } from '../../../core/changes/copy-mark.ts';
import { rangeHolds } from '../../../core/changes/copy-mark.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { digestSum } from '../../../core/sources/converted-digests.ts';
import { digestText, rowHash } from '../../../core/changes/row-digest.ts';
import type { RowDigest, TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, failure, tellsNet, type Contract } from './contract.ts';
import { NEVER, changesOf, copyTable, describeOne, readChunk, readChunks, readToNow, select } from './reading.ts';
import { sortedLines } from './replica.ts';

const SECRET = 's3cret';

/** The user's choices about a table. */
export function choiceCases(contract: Contract): void {
  describe('choices', () => {
    let bench: Bench;
    /** Whether a key may be chosen that is not the primary key. */
    const isFree = contract.source.cannot.chosenKey === undefined;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'choices');
      await bench.run(
        `CREATE TABLE chosen (id INTEGER NOT NULL, code VARCHAR(20) NOT NULL, secret VARCHAR(40), day CHAR(8), amount VARCHAR(20), PRIMARY KEY (${isFree ? 'id' : 'code'}), UNIQUE (${isFree ? 'code' : 'id'}))`,
        ...contract.dialect.wholeOldRows('chosen'),
        'CREATE TABLE conditions (id INTEGER NOT NULL, t VARCHAR(20), PRIMARY KEY (id))',
        `INSERT INTO conditions (id, t) VALUES (1, 'a;b'), (2, 'c'), (3, NULL)`,
      );
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    const CHOICES = {
      key: ['code'],
      mask: ['secret'],
      typeChange: { day: '@D(yyyyMMdd)', amount: '@L', id: '@S' },
    };

    it('key, mask and typeChange hold on both paths alike', async () => {
      const table = select(bench.database, 'chosen', CHOICES);
      const start = await bench.prepareAnew([table]);
      await bench.run(
        `INSERT INTO chosen (id, code, secret, day, amount) VALUES (1, 'k', '${SECRET}', '20240131', '+007')`,
        `INSERT INTO chosen (id, code, secret, day, amount) VALUES (5, 'm', '${SECRET}', NULL, NULL)`,
        `UPDATE chosen SET id = 2, secret = '${SECRET}2' WHERE code = 'k'`,
        `UPDATE chosen SET code = 'l' WHERE code = 'k'`,
        `DELETE FROM chosen WHERE code = 'm'`,
      );
      const { events } = await readToNow(bench.source, start, [table]);
      const copied = await copyTable(bench.source, table);
      const changes = changesOf(events);
      const schema = changes[0]!.schema;
      expect(schema.identity).toEqual({ tag: 'key', columns: ['code'] });
      expect(schema.columns.map(({ type }) => type.tag)).toEqual(['text', 'text', 'text', 'date', 'integer']);
      expect(schema.columns[2]).toMatchObject({ type: { tag: 'text', maxCharacters: 1 }, nullable: true });
      expect(schema.fingerprint).toBe((await describeOne(bench.source, table)).fingerprint);
      const told = changes.map(({ op, before, after }) => [op, before?.[1] ?? null, after]);
      if (tellsNet(contract)) {
        expect(told.sort()).toEqual([
          ['delete', 'k', null],
          ['delete', 'm', null],
          ['update', null, ['2', 'l', null, '2024-01-31', '7']],
        ]);
      } else
        expect(told).toEqual([
          ['insert', null, ['1', 'k', null, '2024-01-31', '7']],
          ['insert', null, ['5', 'm', null, null, null]],
          ['update', null, ['2', 'k', null, '2024-01-31', '7']],
          ['update', 'k', ['2', 'l', null, '2024-01-31', '7']],
          ['delete', 'm', null],
        ]);
      expect(copied.rows).toEqual([['2', 'l', null, '2024-01-31', '7']]);
      expect(JSON.stringify([events, copied]), 'a masked value is never read').not.toContain(SECRET);
    });

    it('a value that cannot be changed does not fit, with the same reason on both paths, and nothing tells the value', async () => {
      const table = select(bench.database, 'chosen', CHOICES);
      await bench.run('DELETE FROM chosen');
      const start = await bench.prepareAnew([table]);
      await bench.run(
        `INSERT INTO chosen (id, code, day, amount) VALUES (1, 'good', '20240131', '1')`,
        `INSERT INTO chosen (id, code, day, amount) VALUES (2, 'bad day', '20240231', '1')`,
        `INSERT INTO chosen (id, code, day, amount) VALUES (3, 'bad amount', '20240131', '1.5')`,
      );
      const { events } = await readToNow(bench.source, start, [table]);
      const logged = changesOf(events).flatMap(({ after, misfit }) =>
        misfit === null ? [] : [{ ...misfit, code: after?.[1], value: after?.[misfit.column === 'day' ? 3 : 4] }],
      );
      await using patient = bench.database.connect({ misfits: 'quarantine' });
      const { rows, misfits } = await copyTable(patient, table);
      expect(rows.map(([, code]) => code)).toEqual(['good']);
      // The net of changes comes in no order.
      if (tellsNet(contract)) logged.sort((a, b) => (a.column < b.column ? 1 : -1));
      expect(
        misfits.map(({ column, reason, row }) => ({ column, reason, code: row['code'], value: row[column] })),
      ).toEqual(logged);
      expect(logged.map(({ column, value }) => [column, value])).toEqual([
        ['day', '20240231'],
        ['amount', '1.5'],
      ]);
      const refused = await failure(copyTable(bench.source, table));
      expect(refused).toMatchObject({ code: 'PS4004' });
      expect(String(refused)).not.toMatch(/20240231|1\.5|bad/);
    });

    it('where: copies only the rows that it names, also with a semicolon in a text and a comment at its end', async () => {
      const ids = async (where: string) =>
        (await copyTable(bench.source, select(bench.database, 'conditions', { where }))).rows.map(([id]) => id).sort();
      expect(await ids(`t = 'a;b' OR id = 3 -- the third`)).toEqual(['1', '3']);
      expect(await ids('t IS NOT NULL')).toEqual(['1', '2']);
    });

    it('where: refuses a text that is no condition, when chunks are planned at the latest', async () => {
      const schema = await describeOne(bench.source, select(bench.database, 'conditions'));
      for (const where of ['1 = 1; DROP TABLE conditions', 'nope = 1', 'id = 1) OR (1 = 1', '', `t = 'x`]) {
        const table = select(bench.database, 'conditions', { where });
        await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
        const planned = snapshot.planChunks(table, schema, 1e9, NEVER);
        expect(await failure(planned), where).toMatchObject({ code: 'PS1001', retry: 'never' });
      }
      expect(await bench.database.admin.rows('SELECT count(*) FROM conditions')).toEqual([['3']]);
    });

    it('names what is not there, and refuses what cannot be', async () => {
      const describeChosen = (choices: Partial<TableSelection>, name = 'chosen') =>
        failure(bench.source.describeTables([select(bench.database, name, choices)], NEVER));
      expect(await describeChosen({}, 'missing')).toMatchObject({ code: 'PS1005' });
      for (const choices of [{ mask: ['nope'] }, { key: ['nope'] }, { typeChange: { nope: '@S' } }])
        expect(await describeChosen(choices), JSON.stringify(choices)).toMatchObject({ code: 'PS1006' });
      for (const choices of [{ mask: [isFree ? 'id' : 'code'] }, { typeChange: { day: '@X' } }])
        expect(await describeChosen(choices), JSON.stringify(choices)).toMatchObject({ code: 'PS1001' });
    });
  });
}

/** Chunks, checksums and digests of a table. */
export function chunkCases(contract: Contract): void {
  describe('chunks and digests', () => {
    let bench: Bench;
    const ROWS = 6000;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'chunks');
      const filler = `'${'y'.repeat(40)}'`;
      const series = contract.dialect.series(1, ROWS);
      await bench.run(
        'CREATE TABLE ascending (id INTEGER NOT NULL, t VARCHAR(60), PRIMARY KEY (id))',
        `INSERT INTO ascending (id, t) SELECT i - 3000, ${filler} FROM ${series}`,
        'CREATE TABLE skewed (id BIGINT NOT NULL, t VARCHAR(60), PRIMARY KEY (id))',
        `INSERT INTO skewed (id, t) SELECT CASE WHEN i < 5500 THEN i ELSE i * 1000000007 END, ${filler} FROM (SELECT CAST(i AS DECIMAL(20)) AS i FROM ${series}) wide`,
        'CREATE TABLE paired (a INTEGER NOT NULL, b INTEGER NOT NULL, t VARCHAR(60), PRIMARY KEY (a, b))',
        `INSERT INTO paired (a, b, t) SELECT FLOOR(i / 40), i, ${filler} FROM ${series}`,
        'CREATE TABLE texts (id VARCHAR(20) NOT NULL, t VARCHAR(60), PRIMARY KEY (id))',
        `INSERT INTO texts (id, t) SELECT CONCAT('k', i), ${filler} FROM ${series}`,
        'CREATE TABLE keyless (a INTEGER, t VARCHAR(60))',
        ...contract.dialect.wholeOldRows('keyless'),
        `INSERT INTO keyless (a, t) SELECT FLOOR(i / 3), ${filler} FROM ${series}`,
        'CREATE TABLE vacant (id INTEGER NOT NULL, PRIMARY KEY (id))',
        ...['ascending', 'skewed', 'paired', 'texts', 'keyless', 'vacant'].map((name) =>
          contract.dialect.analyze(name),
        ),
      );
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    const TABLES = ['ascending', 'skewed', 'paired', 'texts', 'keyless', 'vacant'];
    it.each(TABLES.filter((name) => name !== 'keyless' || contract.source.cannot.keyless === undefined))(
      '%s: the chunks hold every row once, and its checksums are those of the rows',
      async (name) => {
        const table = select(bench.database, name);
        const schema = await describeOne(bench.source, table);
        await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 3 }, NEVER);
        const ranges = await snapshot.planChunks(table, schema, 60_000, NEVER);
        const [whole, chunks] = [
          await readChunk(snapshot, table, schema),
          await readChunks(snapshot, table, schema, ranges, 3),
        ];
        expect(whole.rows.length).toBe(name === 'vacant' ? 0 : ROWS);
        expect(sortedLines(chunks.flatMap(({ rows }) => rows))).toEqual(sortedLines(whole.rows));
        for (const [index, { rows, counted }] of chunks.entries()) {
          expect(counted).toBe(rows.length);
          const range = ranges[index]!;
          await checkDigests(table, schema, range, rows);
          if (range.tag !== 'key') continue;
          const ordinal = schema.columns.findIndex((column) => column.name === range.column);
          // The ranges of code and of SQL agree; none of them holds much more than its share.
          expect(rows.every((row) => rangeHolds(range, row[ordinal]!))).toBe(true);
          expect(rows.length).toBeLessThan((3 * ROWS) / ranges.length);
        }
        if (ranges.every(({ tag }) => tag === 'key')) expect(ranges.length).toBeGreaterThan(3);
        await checkDigests(table, schema, { tag: 'whole' }, whole.rows);
        const estimate = await snapshot.estimateRows(table, NEVER);
        if (estimate !== null) expect(estimate).toBeGreaterThanOrEqual(0);
      },
    );

    const { cutsByPlace } = contract.source;
    const cutBy = cutsByPlace === undefined ? 'key' : 'pages';
    it.each(['ascending', 'skewed', 'paired'])(`%s: a table with an integer key is cut by ${cutBy}`, async (name) => {
      const table = select(bench.database, name);
      const schema = await describeOne(bench.source, table);
      await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
      const ranges = await snapshot.planChunks(table, schema, 60_000, NEVER);
      expect(ranges.length).toBeGreaterThan(3);
      expect(new Set(ranges.map(({ tag }) => tag)), cutsByPlace).toEqual(new Set([cutBy]));
      // A verification compares with another server, which knows no places: it is by key for every source.
      const compared = await bench.source.planRanges(table, schema, 60_000, NEVER);
      expect(compared.length).toBeGreaterThan(3);
      expect(new Set(compared.map(({ tag }) => tag))).toEqual(new Set(['key']));
    });

    it.each([
      ['was altered after its structure was read', ['ALTER TABLE changing ADD COLUMN extra INTEGER'], []],
      ['is altered behind the snapshot', [], ['ALTER TABLE changing ADD COLUMN extra INTEGER']],
      ...(contract.source.refusesTruncate === undefined
        ? [['is truncated behind the snapshot', [], ['TRUNCATE TABLE changing']] as const]
        : []),
    ] as const)('a table that %s is read as it was, or not at all', async (_, before, behind) => {
      await bench.run(
        'DROP TABLE IF EXISTS changing',
        'CREATE TABLE changing (id INTEGER NOT NULL, t VARCHAR(20), PRIMARY KEY (id))',
        `INSERT INTO changing (id, t) VALUES (1, 'one')`,
      );
      const table = select(bench.database, 'changing');
      const schema = await describeOne(bench.source, table);
      await bench.run(...before);
      await using snapshot = await bench.source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
      await bench.run(...behind);
      const read = await readChunk(snapshot, table, schema).catch((error: unknown) => error);
      if (read instanceof Error) expect(read).toMatchObject({ code: 'PS2012', retry: 'timed' });
      else if (behind[0]?.startsWith('TRUNCATE') === true && contract.source.truncatesSnapshots !== undefined)
        expect(read, contract.source.truncatesSnapshots).toMatchObject({ rows: [] });
      else expect(read).toMatchObject({ rows: [['1', 'one']] });
    });

    async function checkDigests(
      table: TableSelection,
      schema: TableSchema,
      range: ChunkRange,
      rows: readonly (readonly (string | null)[])[],
    ): Promise<void> {
      const request = { selection: table, schema, range };
      const values = schema.identity.tag === 'row' ? rows.map(([, ...rest]) => rest) : rows;
      const digests = values.map((row) => digestOf(schema, row));
      expect(await bench.source.checksum(request, NEVER)).toEqual({ rows: rows.length, sum: digestSum(digests) });
      const listed: RowDigest[] = [];
      for await (const digest of bench.source.rowDigests(request, NEVER)) listed.push(digest);
      expect(listed.map(({ digest }) => digest).sort()).toEqual([...digests].sort());
      for (const [index, { key }] of listed.entries()) {
        if (index > 0) expect(compareBytes(listed[index - 1]!.key, key)).toBeLessThanOrEqual(0);
      }
    }
  });
}

/** The rule of ChunkChecksum, in code. */
export function digestOf(schema: TableSchema, row: readonly (string | null)[]): string {
  return rowHash(
    schema.columns.flatMap(({ type }, ordinal) => {
      const value = row[ordinal] ?? null;
      if (type.tag === 'double') return [];
      return [value === null ? null : digestText(type, value)];
    }),
  );
}

function compareBytes(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[index] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}
