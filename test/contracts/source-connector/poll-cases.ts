import { beforeEach, describe, expect, it } from 'vitest';
import type { SourceEvent } from '../../../core/changes/change.ts';
import type { SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { failure } from './contract.ts';
import { keysOf, type PollBench } from './poll-bench.ts';
import type { PolledSourceUnderTest } from './polled-source.ts';
import { patience } from '../../fixtures/eventually.ts';
import { LogReader, NEVER, changesOf, copyTable, describeOne, readToNow, select } from './reading.ts';

/** Extract type Timestamps: rows whose column grew, as updates. */
export function pollCases({ kind, moment, localTimes, marks }: PolledSourceUnderTest, bench: () => PollBench): void {
  const now = moment.ago(0, 0);

  describe('timestamps', () => {
    let source: SourceConnector;
    let polled: TableSelection;
    let counted: TableSelection;
    let run: PollBench['run'];
    beforeEach(async () => {
      ({ source, polled, counted } = bench());
      run = (...statements) => bench().run(...statements);
      await run('DELETE FROM polled', 'DELETE FROM counted', 'DELETE FROM keyless');
    });

    it('gives rows whose column grew, as updates, each once', async () => {
      const rowsOf = (events: readonly SourceEvent[]) =>
        changesOf(events).map(({ op, before, after }) => [op, before, after?.slice(0, 2)]);
      await run(`INSERT INTO polled VALUES (1, 'before', ${now})`, 'INSERT INTO counted VALUES (1, 9)');
      const tables = [polled, counted];
      const start = await source.prepare(tables, null, NEVER);
      await run(`INSERT INTO polled VALUES (2, 'a\tb', ${now})`, 'INSERT INTO counted VALUES (2, 10)');
      const first = await readToNow(source, start, tables);
      expect(rowsOf(first.events)).toEqual([
        ['update', null, ['2', 'a\tb']],
        ['update', null, ['2', '10']],
      ]);
      const tags = first.events.map((event) => event.tag).filter((tag) => tag !== 'heartbeat');
      expect(tags.join(' ')).toBe('begin schema row schema row commit');
      expect(changesOf(first.events)[0]!.schema.fingerprint).toBe((await describeOne(source, polled)).fingerprint);
      await run(
        `UPDATE polled SET t = 'b', at = ${now} WHERE id = 1`,
        'UPDATE counted SET version = 11 WHERE id = 1',
        'DELETE FROM polled WHERE id = 2',
      );
      const second = await readToNow(source, first.reached, tables);
      expect(rowsOf(second.events)).toEqual([
        ['update', null, ['1', 'b']],
        ['update', null, ['1', '11']],
      ]);
    });

    it('a table that comes later is read from its beginning', async () => {
      await run(`INSERT INTO polled VALUES (1, 'a', ${now})`);
      const start = await source.prepare([counted], null, NEVER);
      expect(keysOf((await readToNow(source, start, [polled])).events)).toEqual(['1']);
    });

    it.each(marks.map((mark, index) => ({ ...mark, index })))(
      'a column of type $type is a mark, too',
      async ({ type, setUp = [], before, written, found, index }) => {
        const table = select(bench().database, `mark${index}`, { timestampColumn: 'v' });
        const insert = (values: readonly string[], from: number) =>
          values.map((value, place) => `INSERT INTO mark${index} (id, v) VALUES (${from + place}, ${value})`);
        await using session = await bench().database.session();
        await session.run(
          `CREATE TABLE mark${index} (id INTEGER NOT NULL, v ${type}, PRIMARY KEY (id))`,
          ...setUp,
          ...insert(before, 0),
        );
        const start = await source.prepare([table], null, NEVER);
        await session.run(...insert(written, before.length));
        const { events } = await readToNow(source, start, [table]);
        expect(keysOf(events)).toEqual(found.map((place) => String(before.length + place)));
        // From no mark on, as a table that comes later is read: all that have a value.
        const all = await readToNow(source, await source.prepare([polled], null, NEVER), [table]);
        expect(keysOf(all.events).length).toBe(before.length + written.length);
      },
    );

    it('a row without a value in the column does not come', async () => {
      const sql = `INSERT INTO polled VALUES (1, 'never', NULL)`;
      expect(await bench().newKeys(source, polled, sql)).toEqual([]);
    });

    it('a snapshot holds just what polls before it gave, in the same texts', async () => {
      const start = await source.prepare([polled], null, NEVER);
      await run(`INSERT INTO polled VALUES (10, 'x', ${now})`);
      const { events } = await readToNow(source, start, [polled]);
      expect(changesOf(events)).toHaveLength(1);
      await using snapshot = await source.openSnapshot({ tables: [polled], readers: 2 }, NEVER);
      const { rows } = await copyTable(source, polled);
      expect(rows).toEqual([changesOf(events)[0]?.after]);
      for (const event of events) if (event.tag === 'begin') expect(event.order < snapshot.position.order).toBe(true);
      expect(snapshot.position.lineage).toBe(start.lineage);
    });

    it('rows younger than the lag wait', async () => {
      const patient = bench().connect({ lagSeconds: 3600, timestampZone: '-05:30' });
      const sql = [
        `INSERT INTO polled VALUES (20, 'young', ${moment.ago(0, 0)})`,
        `INSERT INTO polled VALUES (21, 'old', ${moment.ago(61, 0)})`,
      ];
      expect(await bench().newKeys(patient, polled, ...sql)).toEqual(['21']);
    });

    it.each(
      localTimes.flatMap(({ type, ago }, index) =>
        [
          { zone: '+00:00', minutes: 0 },
          { zone: '-05:30', minutes: -330 },
          { zone: '+13:00', minutes: 780 },
        ].map((at) => ({ ...at, type, ago, name: `local${index}_${at.minutes + 720}` })),
      ),
    )('rows younger than the lag wait, by the clock of $zone that writes a $type', async ({ name, zone, ...at }) => {
      await run(`CREATE TABLE ${name} (id INTEGER NOT NULL, at ${at.type}, PRIMARY KEY (id))`);
      const table = select(bench().database, name, { timestampColumn: 'at' });
      const patient = bench().connect({ lagSeconds: 3600, timestampZone: zone });
      const sql = [58, 62].map((ago) => `INSERT INTO ${name} VALUES (${ago}, ${at.ago(ago, at.minutes)})`);
      expect(await bench().newKeys(patient, table, ...sql)).toEqual(['62']);
    });

    it('an overlap finds rows that were committed late', async () => {
      await run(`INSERT INTO polled VALUES (60, 'mark', '2026-01-01 00:00:10'), (61, 'old', '2026-01-01 00:00:00')`);
      const late = `INSERT INTO polled VALUES (62, 'late', '2026-01-01 00:00:08.5'), (63, 'too late', '2026-01-01 00:00:07')`;
      const overlapping = bench().connect({ overlapSeconds: 2 });
      expect(await bench().newKeys(overlapping, polled, late)).toEqual(['62', '60']);
      expect(await bench().newKeys(source, polled, 'DELETE FROM polled WHERE id > 61')).toEqual([]);
    });

    it('sees one moment of all tables, and what is committed meanwhile at the next poll', async () => {
      const tables = [polled, counted];
      const start = await source.prepare(tables, null, NEVER);
      await run(`INSERT INTO polled VALUES (70, 'first', ${now})`, 'INSERT INTO counted VALUES (70, 1)');
      await using reader = await LogReader.open(source, start, tables);
      const commits = () => reader.events.filter(({ tag }) => tag === 'commit').length;
      while (commits() < 2) {
        await reader.next();
        // While the view of the first poll is open.
        if (changesOf(reader.events).length === 1) await run('INSERT INTO counted VALUES (71, 2)');
      }
      const transactions = reader.events.map((event) =>
        event.tag === 'row' ? (event.change.after?.[0] ?? '') : event.tag === 'commit' ? '|' : '',
      );
      expect(transactions.join(' ').replaceAll(/ +/g, ' ').trim()).toBe('70 70 | 71 |');
    });

    it('a column that was added is told before the rows that have it', async () => {
      await run(`CREATE TABLE growing (id INTEGER NOT NULL, at ${moment.type}, PRIMARY KEY (id))`);
      const table = select(bench().database, 'growing', { timestampColumn: 'at' });
      const start = await source.prepare([table], null, NEVER);
      await run(`INSERT INTO growing (id, at) VALUES (1, ${now})`);
      await using reader = await LogReader.open(source, start, [table]);
      while (changesOf(reader.events).length < 1) await reader.next();
      // It waits for the view of the poll that is read.
      const altering = run(
        'ALTER TABLE growing ADD COLUMN n INTEGER',
        `INSERT INTO growing (id, at, n) VALUES (2, ${now}, 7)`,
      );
      while (changesOf(reader.events).length < 2) await reader.next();
      await altering;
      const tags = reader.events.map(({ tag }) => tag).filter((tag) => tag === 'schema' || tag === 'row');
      expect(tags).toEqual(['schema', 'row', 'schema', 'row']);
      expect(changesOf(reader.events)[1]!.after?.at(-1)).toBe('7');
    });

    it('ends at once when it is told to', async () => {
      const start = await source.prepare([polled], null, NEVER);
      const controller = new AbortController();
      await using stream = await source.openStream(start, [polled], controller.signal);
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
    });

    it('a connection that is lost ends it with an error that can be tried again, from where it was', async () => {
      const start = await source.prepare([polled, counted], null, NEVER);
      await run(`INSERT INTO polled VALUES (1, 'a', ${now})`, 'INSERT INTO counted VALUES (1, 1)');
      await using reader = await LogReader.open(source, start, [polled, counted]);
      while (changesOf(reader.events).length === 0) await reader.next();
      await bench().database.endConnections();
      const reading = async () => {
        const signal = patience('the loss of the connection');
        for (;;) {
          signal.throwIfAborted();
          await reader.next();
        }
      };
      expect(await failure(reading())).toMatchObject({ code: 'PS2010', retry: 'timed' });
      const again = await readToNow(source, reader.reached, [polled, counted]);
      expect(keysOf(again.events)).toEqual(['1', '1']);
    });

    it('needs a column and a key, and says what it cannot see', async () => {
      const { database, keyless } = bench();
      const refused = async (table: TableSelection, code: string) =>
        expect(source.prepare([table], null, NEVER)).rejects.toMatchObject({ code });
      await refused(select(database, 'polled'), 'PS1001');
      await refused(select(database, 'polled', { timestampColumn: 't' }), 'PS1001');
      await refused(select(database, 'polled', { timestampColumn: 'nope' }), 'PS1006');
      await refused(keyless, 'PS2011');
      const codes = ['deletes', 'timestamp_index', 'timestamp_order', 'timestamp_column'].map(
        (code) => `${kind}.${code}`,
      );
      const faultsOf = async (connector: SourceConnector) =>
        (await connector.check([polled, counted, keyless], NEVER)).filter(({ severity }) => severity !== 'ok');
      // What is wrong with the server, it is with every extract type.
      const others = (await faultsOf(bench().connect({ extractType: 'fullExtracts' }))).map(({ code }) => code);
      const found = (await faultsOf(source)).filter(({ code }) => !others.includes(code));
      expect(found.map(({ code, severity }) => [code, severity])).toEqual([
        [codes[0], 'warning'],
        [codes[1], 'warning'],
        [codes[2], 'warning'],
        [codes[3], 'error'],
      ]);
      expect(found[1]?.message).toContain('counted');
      await run(found[1]?.remedy?.replace(/;$/, '') ?? '');
      expect((await source.check([counted], NEVER)).map(({ code }) => code)).not.toContain(codes[1]);
    });

    it('refuses a position of another source, and has no log that could be looked at', async () => {
      const start = await source.prepare([polled], null, NEVER);
      expect(await source.prepare([polled], start, NEVER)).toEqual(start);
      const foreign = { ...start, lineage: `${start.lineage}x` };
      expect(await failure(source.prepare([polled], foreign, NEVER))).toMatchObject({ code: 'PS2001' });
      expect(await failure(source.openStream(foreign, [polled], NEVER))).toMatchObject({ code: 'PS2001' });
      expect(await source.logHealth(NEVER)).toEqual({ retainedBytes: null, headroomBytes: null, expiresAt: null });
      expect(source.mode).toBe('timestamps');
    });
  });
}
