import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FakeAdmin } from '../../../test/fixtures/oracle-fake/admin-session.ts';
import { FakeOracle } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import { selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { SystemClock } from '../../../hosts/node/system-clock.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Snapshot, SourceConnector, TableSelection } from '../source-connector.ts';
import { oraclePollConnector } from './poll-connector.ts';
import type { Access } from './server/guarded.ts';
import { ORACLE_VARIANTS, type ExtractType } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

// Copies, verification and polls on the fake of Oracle; none of this was run on one.

const NEVER = new AbortController().signal;

let oracle: FakeOracle;
let admin: FakeAdmin;

beforeAll(async () => {
  oracle = await FakeOracle.open(inject('postgres'), 'oracle_copies');
  admin = oracle.admin();
});
afterAll(() => oracle[Symbol.asyncDispose]());
beforeEach(async () => {
  await admin.run(
    'DROP TABLE IF EXISTS thing',
    'CREATE TABLE thing (id INTEGER NOT NULL, name VARCHAR2(20), at TIMESTAMP(6), PRIMARY KEY (id))',
    `INSERT INTO thing SELECT i, 'row ' || i, NULL FROM generate_series(1, 2000) AS i`,
  );
});

function accessTo(extractType: ExtractType, more: Readonly<Record<string, unknown>> = {}): Access {
  const [variant] = ORACLE_VARIANTS;
  if (variant === undefined) throw new Error('no variant');
  const address = { host: '127.0.0.1', database: 'shop', user: oracle.reader.user };
  const settings = oracleSettings(variant).parse({ extractType, ...address, ...more });
  const open = oracle.opener();
  return { settings, open, openRoot: open, openMining: open };
}

function connect(extractType: ExtractType, more: Readonly<Record<string, unknown>> = {}): SourceConnector {
  return oraclePollConnector(accessTo(extractType, more), { misfits: () => 'stop', clock: new SystemClock() });
}

function thing(more: Partial<TableSelection> = {}): TableSelection {
  return selectionOf('THING', { table: { schema: 'APP', name: 'THING' }, ...more });
}

async function schemaOf(source: SourceConnector, selection: TableSelection): Promise<TableSchema> {
  const [schema] = await source.describeTables([selection], NEVER);
  if (schema === undefined) throw new Error('no schema');
  return schema;
}

async function linesOf(
  snapshot: Snapshot,
  selection: TableSelection,
  schema: TableSchema,
  ranges: readonly ChunkRange[],
): Promise<string[]> {
  const texts: string[] = [];
  for (const range of ranges) {
    const { bytes } = await snapshot.readChunk(selection, schema, range, NEVER);
    const pieces: Buffer[] = [];
    for await (const piece of bytes) pieces.push(Buffer.from(piece));
    texts.push(Buffer.concat(pieces).toString('utf8'));
  }
  return texts.join('').split('\n').slice(0, -1);
}

describe('a copy', () => {
  it('in chunks of ROWIDs holds every row once, as it was at the SCN of the snapshot', async () => {
    await using source = connect('fullExtracts');
    const schema = await schemaOf(source, thing());
    await using snapshot = await source.openSnapshot({ tables: [thing()], readers: 2 }, NEVER);
    await admin.run('DELETE FROM thing WHERE id <= 1000', `INSERT INTO thing VALUES (5000, 'later', NULL)`);
    const ranges = await snapshot.planChunks(thing(), schema, 20_000, NEVER);
    expect(ranges.length).toBeGreaterThan(3);
    expect(new Set(ranges.map(({ tag }) => tag))).toEqual(new Set(['pages']));
    const lines = await linesOf(snapshot, thing(), schema, ranges);
    expect(lines).toHaveLength(2000);
    expect(new Set(lines.map((line) => line.split('\t')[0])).size).toBe(2000);
    expect(lines).not.toContain('5000\tlater\t\\N');
  });

  it('reads several chunks at once, and replaces a lost session', async () => {
    await using source = connect('fullExtracts');
    const schema = await schemaOf(source, thing());
    await using snapshot = await source.openSnapshot({ tables: [thing()], readers: 2 }, NEVER);
    const ranges = await snapshot.planChunks(thing(), schema, 20_000, NEVER);
    const left = await snapshot.readChunk(thing(), schema, ranges[0] ?? { tag: 'whole' }, NEVER);
    for await (const piece of left.bytes) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    const both = await Promise.all(
      [0, 1].map((from) =>
        linesOf(
          snapshot,
          thing(),
          schema,
          ranges.filter((_, at) => at % 2 === from),
        ),
      ),
    );
    expect(both.flat()).toHaveLength(2000);
  });

  it('of which the server has forgotten the undo begins anew, and says how to keep it', async () => {
    await using source = connect('fullExtracts');
    const schema = await schemaOf(source, thing());
    await using snapshot = await source.openSnapshot({ tables: [thing()], readers: 1 }, NEVER);
    await admin.run('DELETE FROM thing WHERE id <= 1000');
    await oracle.forgetUndo();
    await expect(linesOf(snapshot, thing(), schema, [{ tag: 'whole' }])).rejects.toMatchObject({
      code: 'PS2012',
      table: 'APP.THING',
      remedy: expect.stringContaining('UNDO_RETENTION') as string,
    });
    oracle.undoFrom = 0n;
  });

  it('of a table that is altered begins anew', async () => {
    await using source = connect('fullExtracts');
    const schema = await schemaOf(source, thing());
    await using snapshot = await source.openSnapshot({ tables: [thing()], readers: 1 }, NEVER);
    await admin.run('ALTER TABLE thing ADD (more VARCHAR2(5))');
    await expect(linesOf(snapshot, thing(), schema, [{ tag: 'whole' }])).rejects.toMatchObject({ code: 'PS2012' });
  });

  it('ends at once by an abort, and keeps the condition of the user', async () => {
    await using source = connect('fullExtracts');
    const selection = thing({ where: `"ID" <= 10 -- few` });
    const schema = await schemaOf(source, selection);
    await using snapshot = await source.openSnapshot({ tables: [selection], readers: 1 }, NEVER);
    expect(await linesOf(snapshot, selection, schema, [{ tag: 'whole' }])).toHaveLength(10);
    const wrong = thing({ where: 'NONSENSE = 1' });
    await expect(snapshot.planChunks(wrong, schema, 1000, NEVER)).rejects.toMatchObject({ code: 'PS1001' });
    const controller = new AbortController();
    const rows = await snapshot.readChunk(thing(), schema, { tag: 'whole' }, controller.signal);
    const first = rows.bytes[Symbol.asyncIterator]().next();
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
  });
});

describe('verification', () => {
  it('sums and lists the rows as they are, and fetches some of them', async () => {
    await using source = connect('fullExtracts');
    const selection = thing();
    const schema = await schemaOf(source, selection);
    const request = { selection, schema, range: { tag: 'whole' } as const };
    expect(await source.checksum(request, NEVER)).toMatchObject({ rows: 2000 });
    const keys: string[] = [];
    for await (const { key } of source.rowDigests(request, NEVER)) keys.push(key[0] ?? '');
    expect(keys.slice(0, 3)).toEqual(['1', '10', '100']);
    const fetched = source.fetchRows({ selection, schema, keys: [['3'], ['99999']] }, NEVER);
    const pieces: Buffer[] = [];
    for await (const piece of fetched.bytes) pieces.push(Buffer.from(piece));
    expect(Buffer.concat(pieces).toString('utf8')).toBe('3\trow 3\t\\N\n');
    expect(fetched.summary()).toMatchObject({ rows: 1, misfits: [] });
  });

  it('cuts a table by its key, as far as both sides can tell', async () => {
    await using source = connect('fullExtracts');
    await admin.run('ANALYZE');
    const schema = await schemaOf(source, thing());
    const ranges = await source.planRanges(thing(), schema, 20_000, NEVER);
    expect(ranges.length).toBeGreaterThan(3);
    expect(ranges[0]).toMatchObject({ tag: 'key', column: 'ID', compareAs: 'number', after: null });
    let rows = 0;
    for (const range of ranges) {
      rows += (await source.checksum({ selection: thing(), schema, range }, NEVER)).rows;
    }
    expect(rows).toBe(2000);
  });
});

describe('polls', () => {
  it('give rows whose column grew, each once', async () => {
    const selection = thing({ timestampColumn: 'AT' });
    await using source = connect('timestamps', { lagSeconds: 0, pollSeconds: 0.05 });
    const start = await source.prepare([selection], null, NEVER);
    await admin.run(`UPDATE thing SET at = clock_timestamp() AT TIME ZONE 'UTC' WHERE id IN (7, 8)`);
    await using stream = await source.openStream(start, [selection], NEVER);
    const keys: (string | null | undefined)[] = [];
    for await (const events of stream) {
      for (const event of events) if (event.tag === 'row') keys.push(event.change.after?.[0]);
      if (keys.length >= 2) break;
    }
    expect(keys).toEqual(['7', '8']);
  });
});
