import { describe, expect, it } from 'vitest';
import { RedoParser } from '../redo/redo-parser.ts';
import { redoText } from './redo-text.ts';
import type { SourceType } from './source-type.ts';

/** A value as SQL_REDO prints it. */
function valueOf(printed: string) {
  const read = new RedoParser('strict').parse(`insert into "S"."T"("C") values (${printed})`);
  const value = read.op === 'insert' ? read.set.values[0] : undefined;
  if (value === undefined) throw new Error(`${printed} is no value`);
  return value;
}

const varchar: SourceType = { tag: 'varchar', isNational: false, characters: 20 };
const number: SourceType = { tag: 'number', precision: 38, scale: null };
const clob: SourceType = { tag: 'clob', isNational: false };
const years: SourceType = { tag: 'yearMonth', years: 4 };
const days: SourceType = { tag: 'daySecond', days: 2, fraction: 6 };

describe('a value of the redo log as its output text', () => {
  it.each<[SourceType, string, string]>([
    [number, `'-42.5'`, '-42.5'],
    [number, '.5', '.5'],
    [number, `HEXTORAW('c102')`, '1'],
    [varchar, `'it''s'`, `it's`],
    [varchar, String.raw`UNISTR('\00FC')`, 'ü'],
    [{ tag: 'raw', bytes: 9 }, `HEXTORAW('00ff7e')`, '00FF7E'],
    [clob, `'small'`, 'small'],
    [clob, 'EMPTY_CLOB()', ''],
    [{ tag: 'date' }, `TO_DATE('2026-02-28 13:45:59', 'YYYY-MM-DD HH24:MI:SS')`, '2026-02-28 13:45:59'],
    [{ tag: 'timestamp', fraction: 6 }, `TO_TIMESTAMP('2026-02-28 13:45:59.5')`, '2026-02-28 13:45:59.500000000'],
    [{ tag: 'local', fraction: 6 }, `TO_TIMESTAMP_TZ('2026-02-28 13:45:59.5 +02:00')`, '2026-02-28 11:45:59.500000000'],
    [
      { tag: 'zoned', fraction: 6 },
      `TO_TIMESTAMP_TZ('2026-03-29 01:30:00.5 -03:30')`,
      '2026-03-29 01:30:00.500000000 -03:30',
    ],
    // As SYYYY prints them.
    [{ tag: 'date' }, `TO_DATE(' 2026-02-28 13:45:59', 'SYYYY-MM-DD HH24:MI:SS')`, '2026-02-28 13:45:59'],
    [{ tag: 'date' }, `TO_DATE('-0044-03-15 12:00:00', 'SYYYY-MM-DD HH24:MI:SS')`, '-0044-03-15 12:00:00'],
    [{ tag: 'timestamp', fraction: 6 }, `TO_TIMESTAMP('-0044-03-15 12:00:00.5')`, '-0044-03-15 12:00:00.500000000'],
    [
      { tag: 'zoned', fraction: 6 },
      `TO_TIMESTAMP_TZ('-0044-03-15 12:00:00.5 +01:00')`,
      '-0044-03-15 12:00:00.500000000 +01:00',
    ],
    [years, `TO_YMINTERVAL('+02-03')`, '+0002-03'],
    [days, `TO_DSINTERVAL('-5 03:00:01.25')`, '-05 03:00:01.250000'],
  ])('%j %s', (type, printed, text) => {
    expect(redoText(type, valueOf(printed))).toEqual({ tag: 'text', text });
  });

  it.each([`NULL`, `LM_EMPTY_STRING`])('%s is NULL', (printed) => {
    expect(redoText(varchar, valueOf(printed))).toEqual({ tag: 'null' });
  });

  it.each<[SourceType, string]>([
    [{ tag: 'binaryFloat', bits: 64 }, `'1.5E+000'`],
    [{ tag: 'xml' }, 'XMLType(:1)'],
    [varchar, 'Unsupported Type'],
    [varchar, `HEXTORAW('616263')`],
    [{ tag: 'long' }, `'text'`],
  ])('%j %s is asked for', (type, printed) => {
    expect(redoText(type, valueOf(printed))).toEqual({ tag: 'ask' });
  });

  it.each<[SourceType, string]>([
    [number, `'twelve'`],
    [number, `TO_DATE('2026-02-28 13:45:59', 'YYYY-MM-DD HH24:MI:SS')`],
    [{ tag: 'date' }, `TO_DATE('28-FEB-26', 'DD-MON-RR')`],
    [{ tag: 'date' }, `'2026-02-28 13:45:59'`],
    [{ tag: 'raw', bytes: 9 }, `'00ff'`],
    [{ tag: 'zoned', fraction: 6 }, `TO_TIMESTAMP_TZ('2026-03-29 01:30:00.5 EUROPE/BERLIN')`],
  ])('%j %s is no value of the type', (type, printed) => {
    expect(redoText(type, valueOf(printed))).toEqual({ tag: 'wrong' });
  });

  it('is NULL where it has no characters, and unsure in a large object', () => {
    const raw: SourceType = { tag: 'raw', bytes: 9 };
    for (const printed of [`''`, 'LM_EMPTY_STRING', `UNISTR('')`]) {
      expect(redoText(varchar, valueOf(printed))).toEqual({ tag: 'null' });
      expect(redoText(clob, valueOf(printed))).toEqual({ tag: 'ask' });
    }
    expect(redoText(raw, valueOf('NULL'))).toEqual({ tag: 'null' });
  });
});
