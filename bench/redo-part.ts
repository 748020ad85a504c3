import { RedoParser } from '../core/sources/oracle/redo/redo-parser.ts';
import { NULL_VALUE } from '../core/sources/oracle/redo/read-value.ts';
import type { RedoImage, RedoStatement, RedoValue } from '../core/sources/oracle/redo/redo-statement.ts';
import { printRedo } from '../test/fixtures/oracle-fake/print-redo.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { median } from './statistics.ts';

/** Design goal: statements of SQL_REDO that one core reads in a second. */
export const REDO_GOAL = 300_000;
/** Read over and over, until there were as many as asked for. */
const DISTINCT = 3000;

const table = { owner: 'SHOP', name: 'ORDERS' };
const NAMES = ['ID', 'CUSTOMER', 'REF', 'AMOUNT', 'CURRENCY', 'NOTE', 'CREATED', 'CHANGED', 'STATE', 'FLAGS'];

/** How fast SQL_REDO of Oracle is read: as many inserts as updates as deletes of ten columns, from bytes, beside JSON.parse of the same rows. */
export function redoPart(options: Pick<BenchOptions, 'rows' | 'repeats'>, report: Report): void {
  const statements = Array.from({ length: DISTINCT }, (_, index) => statementOf(index));
  const printed = statements.map((statement) => Buffer.from(printRedo(statement)));
  const json = statements.map((statement) => Buffer.from(JSON.stringify(plain(statement))));
  report.title(`SQL_REDO of Oracle: ${Math.round(Buffer.concat(printed).length / DISTINCT)} bytes a statement`);

  const parser = new RedoParser('strict');
  const readRedo = (bytes: Buffer) => {
    const read = parser.parse(bytes.toString());
    if (read.op === 'fault') throw new Error(`a statement was not read: ${read.reason} at ${read.offset}`);
  };
  const readJson = (bytes: Buffer) => void JSON.parse(bytes.toString());
  const rates: { redo: number[]; json: number[] } = { redo: [], json: [] };
  // The first round warms both up. In turn, so that both meet the machine as it is.
  for (let round = 0; round <= options.repeats; round++) {
    const redo = rate(printed, options.rows, readRedo);
    const parsed = rate(json, options.rows, readJson);
    if (round === 0) continue;
    rates.redo.push(redo);
    rates.json.push(parsed);
  }
  report.figure('redo.statements', median(rates.redo), 'statements/s', `at least ${REDO_GOAL}`);
  report.figure('redo.jsonParse', median(rates.json), 'JSON texts/s of equal rows');
  report.figure('redo.ratio', median(rates.redo.map((value, index) => value / rates.json[index]!)), 'of JSON.parse');
}

function rate(texts: readonly Buffer[], count: number, read: (bytes: Buffer) => void): number {
  const began = performance.now();
  for (let index = 0; index < count; index++) read(texts[index % texts.length]!);
  return (count / (performance.now() - began)) * 1000;
}

function statementOf(index: number): RedoStatement {
  const set = image(index, 'delivered to O’Neil at the door');
  switch (index % 3) {
    case 0:
      return { op: 'insert', table, set };
    case 1: {
      const note: RedoValue = { tag: 'text', text: `left at the neighbour's, ${index}` };
      const changed: RedoImage = { names: ['NOTE', 'STATE'], values: [note, { tag: 'text', text: 'done' }] };
      return { op: 'update', table, set: changed, where: set, rowId: null };
    }
    default:
      return { op: 'delete', table, where: set, rowId: null };
  }
}

function image(index: number, note: string): RedoImage {
  const text = (value: string): RedoValue => ({ tag: 'text', text: value });
  const second = String(index % 60).padStart(2, '0');
  return {
    names: NAMES,
    values: [
      text(String(100_000 + index)),
      text(String(index * 7)),
      text(`A-${index}`),
      text(`${index}.25`),
      text('EUR'),
      text(`${note}, ${index}`),
      { tag: 'date', text: `2026-02-28 13:45:${second}`, format: 'YYYY-MM-DD HH24:MI:SS' },
      { tag: 'timestamp', text: `2026-02-28 13:45:${second}.123456789` },
      text('open'),
      NULL_VALUE,
    ],
  };
}

/** The same as the plainest JSON: columns by name, values as texts. */
function plain(statement: RedoStatement): unknown {
  const row = ({ names, values }: RedoImage) =>
    Object.fromEntries(names.map((name, index) => [name, plainValue(values[index]!)]));
  const { op } = statement;
  return {
    op,
    table: table.name,
    ...(op === 'delete' ? {} : { set: row(statement.set) }),
    ...(op === 'insert' ? {} : { where: row(statement.where) }),
  };
}

function plainValue(value: RedoValue): string | null {
  return 'text' in value ? value.text : null;
}
