import '../hosts/node/small-memory.ts';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstPosition } from '../core/sources/oracle/mining/mined-place.ts';
import type { MinedRow } from '../core/sources/oracle/mining/mined-row.ts';
import type { MiningStep } from '../core/sources/oracle/logs/mining-step.ts';
import { minedTransactions } from '../core/sources/oracle/mining/mined-transactions.ts';
import { RedoParser } from '../core/sources/oracle/redo/redo-parser.ts';
import { FileScratch } from '../hosts/node/file-scratch.ts';
import { minedRow } from '../test/fixtures/oracle-mining/mined-rows.ts';
import type { MiningReport } from './mining-report.ts';

/** `node mining-process.ts ROWS UNDONE`: mines one transaction of so many changes, of which the last ones are taken back, in a process of its own. */

const MEMORY_BYTES = 16 * 1024 * 1024;
const BATCH = 1000;
const FIRST_SCN = 1000;
const [INSERT, DELETE, START, COMMIT] = [1, 2, 6, 7];

async function main(rows: number, undone: number): Promise<MiningReport> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-'));
  try {
    const startBytes = peakBytes();
    const began = performance.now();
    let readAt = began;
    let disk = 0;
    let told = 0;
    const parser = new RedoParser('strict');
    const settings = {
      after: firstPosition('1/1', { startScn: '1', openFloorScn: '1', open: [] }),
      scratch: new FileScratch(folder),
      memoryBytes: MEMORY_BYTES,
      follows: () => true,
    };
    const steps = oneTransaction(rows, undone, () => {
      readAt = performance.now();
    });
    let sizeOf = () => 0;
    const watch = (miner: { readonly size: { readonly disk: number } }) => (sizeOf = () => miner.size.disk);
    for await (const events of minedTransactions(steps, settings, watch)) {
      disk = Math.max(disk, sizeOf());
      for (const event of events) {
        if (event.tag !== 'change') continue;
        if (parser.parse(event.record.sql ?? '').op === 'fault') throw new Error('a statement was not read');
        told++;
      }
    }
    const readMilliseconds = readAt - began;
    const tellMilliseconds = performance.now() - readAt;
    return { told, disk, startBytes, peakBytes: peakBytes(), readMilliseconds, tellMilliseconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* oneTransaction(rows: number, undone: number, read: () => void): AsyncGenerator<MiningStep> {
  yield { tag: 'begin', threads: [1], from: '0', through: null };
  await Promise.resolve();
  yield { tag: 'rows', rows: [minedRow(FIRST_SCN, START)] };
  const changes = rows + undone;
  for (let from = 0; from < changes; from += BATCH) {
    const size = Math.min(BATCH, changes - from);
    yield { tag: 'rows', rows: Array.from({ length: size }, (_, index) => changeOf(from + index, rows)) };
  }
  read();
  yield { tag: 'rows', rows: [minedRow(FIRST_SCN + changes + 1, COMMIT)] };
}

/** The first `rows` are inserts; those behind them take them back from the last on, as a rollback to a savepoint does. */
function changeOf(number: number, rows: number): MinedRow {
  const isUndo = number >= rows;
  const row = isUndo ? 2 * rows - 1 - number : number;
  const rowId = `AAASd7AAH${row.toString(36).padStart(9, '0')}`;
  const about = { rowId, isUndo };
  if (isUndo) {
    return minedRow(FIRST_SCN + 1 + number, DELETE, {
      ...about,
      sql: `delete from "SHOP"."ORDERS" where ROWID = '${rowId}'`,
    });
  }
  const sql =
    `insert into "SHOP"."ORDERS"("ID","CUSTOMER","REF","AMOUNT","CURRENCY","NOTE","CREATED","STATE") values ('${row}','${row % 9973}',` +
    `'A-${row}','${row}.25','EUR','delivered to the neighbour''s door, ${row}',TO_DATE('2026-02-28 13:45:59', 'YYYY-MM-DD HH24:MI:SS'),'open')`;
  return minedRow(FIRST_SCN + 1 + number, INSERT, { ...about, sql });
}

/** The kernel's own high-water mark of this process. */
function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

const [rows = 0, undone = 0] = process.argv.slice(2).map(Number);
console.log(JSON.stringify(await main(rows, undone)));
