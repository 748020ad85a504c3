import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourcePosition } from '../../../core/changes/position.ts';
import type { TableSelection } from '../../../core/sources/source-connector.ts';
import { Bench, failure, type Contract } from './contract.ts';
import { LogReader, NEVER, changesOf, describeOne, readChunk, readToNow, select } from './reading.ts';

/** A log that is gone, another server behind the address, a server that is away, a login that is refused. */
export function lossCases(contract: Contract): void {
  describe('a log that is lost', () => {
    let bench: Bench;
    let tables: readonly TableSelection[];
    beforeEach(async () => {
      bench = await Bench.open(contract.own(), 'loss');
      await bench.run('CREATE TABLE lost (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))');
      tables = [select(bench.database, 'lost')];
    });
    afterEach(() => bench[Symbol.asyncDispose]());

    it.each(contract.source.losses.map((loss) => ({ ...loss })))('$name: $code, and a new beginning', async (loss) => {
      const start = await bench.prepareAnew(tables);
      await bench.run('INSERT INTO lost (id, n) VALUES (1, 1)');
      const { reached } = await readToNow(bench.source, start, tables);
      await bench.run('INSERT INTO lost (id, n) VALUES (2, 2)');
      const { code } = loss;
      await loss.lose(bench.database, contract.own());
      for (const again of [1, 2]) {
        expect(await failure(bench.source.prepare(tables, reached, NEVER)), `prepare ${again}`).toMatchObject({
          code,
        });
        expect(await failure(openAndRead(bench, reached, tables)), `stream ${again}`).toMatchObject({ code });
      }
      expect(await failure(bench.source.prepare(tables, reached, NEVER))).toMatchObject({
        retry: 'manual',
        remedy: expect.stringMatching(/full.extract/) as string,
      });
      const anew = await bench.source.prepare(tables, null, NEVER);
      await bench.run('INSERT INTO lost (id, n) VALUES (3, 3)');
      const { events } = await readToNow(bench.source, anew, tables);
      expect(changesOf(events).map(({ after }) => after?.[0])).toEqual(['3']);
    });

    it('the suite knows a way to lose it for good', () => {
      expect(contract.source.losses.map(({ code }) => code)).toContain('PS2006');
    });

    it('a position of another server is refused, whatever it says', async () => {
      await using elsewhere = await Bench.open(contract.shared(), 'loss');
      await elsewhere.run('CREATE TABLE lost (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))');
      const there = await elsewhere.prepareAnew(tables);
      const here = await bench.prepareAnew(tables);
      expect(there.lineage).not.toBe(here.lineage);
      for (const foreign of [there, { ...here, lineage: there.lineage }]) {
        expect(await failure(bench.source.prepare(tables, foreign, NEVER))).toMatchObject({ code: 'PS2001' });
        expect(await failure(openAndRead(bench, foreign, tables))).toMatchObject({ code: 'PS2001' });
      }
      expect(await bench.source.prepare(tables, here, NEVER)).toEqual(here);
    });
  });

  describe('a server that goes and comes back', () => {
    it('is PS2010 for what was at work, PS2002 for what begins, a finding for check; then everything goes on', async () => {
      await using bench = await Bench.open(contract.own(), 'away');
      await bench.run('CREATE TABLE kept (id INTEGER NOT NULL, PRIMARY KEY (id))');
      const tables = [select(bench.database, 'kept')];
      const start = await bench.prepareAnew(tables);
      await bench.run('INSERT INTO kept (id) VALUES (1)');
      await using reader = await LogReader.open(bench.source, start, tables);
      while (changesOf(reader.events).length === 0 || reader.reached === start) await reader.next();
      const schema = await describeOne(bench.source, tables[0]!);
      const snapshot = await bench.source.openSnapshot({ tables, readers: 1 }, NEVER);
      const ended = failure(readForever(reader));
      await contract.own().stop();
      try {
        expect(await ended).toMatchObject({ code: 'PS2010', retry: 'timed' });
        const read = await failure(readChunk(snapshot, tables[0]!, schema));
        expect(read).toMatchObject({ retry: 'timed' });
        await snapshot[Symbol.asyncDispose]();
        for (const call of [
          () => bench.source.listTables(NEVER),
          () => bench.source.prepare(tables, reader.reached, NEVER),
          () => bench.source.openStream(reader.reached, tables, NEVER),
          () => bench.source.openSnapshot({ tables, readers: 1 }, NEVER),
          () => bench.source.currentPosition(NEVER),
        ]) {
          expect(await failure(call())).toMatchObject({ code: 'PS2002', retry: 'timed' });
        }
        const findings = await bench.source.check(tables, NEVER);
        expect(findings).toHaveLength(1);
        expect(findings[0]).toMatchObject({ severity: 'error', remedy: expect.any(String) as string });
      } finally {
        await contract.own().start();
      }
      expect(await bench.source.prepare(tables, reader.reached, NEVER)).toEqual(reader.reached);
      await bench.run('INSERT INTO kept (id) VALUES (2)');
      const { events } = await readToNow(bench.source, reader.reached, tables);
      expect(changesOf(events).map(({ after }) => after?.[0])).toEqual(['2']);
    });
  });

  describe('a login', () => {
    it('with a wrong password is PS2003, one without rights PS2004; neither tells the password', async () => {
      await using bench = await Bench.open(contract.shared(), 'login');
      await bench.run('CREATE TABLE closed (id INTEGER NOT NULL, PRIMARY KEY (id))');
      const tables = [select(bench.database, 'closed')];
      await using wrong = bench.database.connect({ password: 'not the password' });
      for (const call of [
        () => wrong.listTables(NEVER),
        () => wrong.prepare(tables, null, NEVER),
        () => wrong.currentPosition(NEVER),
      ]) {
        const refused = await failure(call());
        expect(refused).toMatchObject({ code: 'PS2003', retry: 'manual' });
        expect(JSON.stringify(refused) + String(refused)).not.toContain('not the password');
      }
      const findings = await wrong.check(tables, NEVER);
      expect(findings).toEqual([expect.objectContaining({ severity: 'error' })]);

      const { user, password } = await bench.database.poorUser();
      await using poor = bench.database.connect({ settings: { user }, password });
      expect(await failure(poor.prepare(tables, null, NEVER))).toMatchObject({ code: 'PS2004', retry: 'manual' });
      expect(await bench.database.remains()).toEqual([]);
    });

    it('to a server that does not speak TLS, or is not there, is PS2002', async () => {
      await using bench = await Bench.open(contract.shared(), 'login');
      await using absent = bench.database.connect({ settings: { port: 1 } });
      expect(await failure(absent.listTables(NEVER))).toMatchObject({ code: 'PS2002' });
      await using encrypted = bench.database.connect({ settings: { tls: { mode: 'verify', ca: null } } });
      expect(await failure(encrypted.listTables(NEVER))).toMatchObject({ code: 'PS2002' });
    });
  });
}

/** The refusal may come when the stream is opened or with its first events, but no event before it. */
async function openAndRead(bench: Bench, after: SourcePosition, tables: readonly TableSelection[]): Promise<void> {
  await using reader = await LogReader.open(bench.source, after, tables);
  await reader.next();
}

async function readForever(reader: LogReader): Promise<never> {
  for (;;) await reader.next();
}
