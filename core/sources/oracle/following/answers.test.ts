import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf, type ScriptedColumn } from '../../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../../test/fixtures/oracle-scripted/session.ts';
import type { RowChange, SourceEvent } from '../../../changes/change.ts';
import { replicatedTable } from '../describe.ts';
import { loggedTable, type LoggedTable } from '../logged-table.ts';
import { readSourceTables } from '../source-table.ts';
import { Answers, type Question } from './answers.ts';
import type { Answer, AskedChange } from './asked-values.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
const COLUMNS: readonly ScriptedColumn[] = [
  { name: 'ID', precision: 10, scale: 0, isKey: true },
  { name: 'NOTE', type: 'CLOB', nullable: true },
];
const BEGIN: SourceEvent = { tag: 'begin', at: '2026-01-01T00:00:00.000000Z', order: '1' };
const COMMIT: SourceEvent = {
  tag: 'commit',
  position: { lineage: 'l', order: '2', resume: '' },
  committedAt: '2026-01-01T00:00:00.000000Z',
};
const GONE: Answer = { tag: 'gone' };

async function table(): Promise<LoggedTable> {
  const session = new ScriptedSession(catalogOf('ORD', COLUMNS, {}));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  return loggedTable(replicatedTable(source, selectionOf('ORD', {}), { fromLogs: true, policies }));
}

/** What one transaction did, each change with what is answered about it; null: it is not asked about. */
async function told(changes: readonly (readonly [change: string, answer: Answer | null])[]): Promise<string[]> {
  const logged = await table();
  const asked: { readonly question: Question; readonly answer: Answer }[] = [];
  const events: SourceEvent[] = [BEGIN];
  for (const [text, answer] of changes) {
    const change = changeOf(logged, text);
    const one: AskedChange = { logged, scn: '5', change, ask: [1], rowId: null };
    if (answer !== null) asked.push({ question: { index: events.length, asked: one }, answer });
    events.push({ tag: 'row', change });
  }
  events.push(COMMIT);
  const answers = new Answers((some) =>
    Promise.resolve(some.flatMap((one) => asked.find(({ question }) => question.asked === one)?.answer ?? [])),
  );
  const lines: string[] = [];
  const questions = asked.map(({ question }) => question);
  for await (const piece of answers.of(events, questions)) lines.push(...piece.map(lineOf));
  expect([lines[0], lines.at(-1)]).toEqual(['begin', 'commit']);
  return lines.slice(1, -1);
}

/** `insert 1 text`, `update 1 text`, `move 1 2 text`, `delete 1`. */
function changeOf({ table: { schema } }: LoggedTable, text: string): RowChange {
  const [op = '', id = '', ...rest] = text.split(' ');
  const common = { schema, before: null, after: null, misfit: null };
  if (op === 'delete') return { ...common, op, before: [id, undefined] };
  if (op === 'move') return { ...common, op: 'update', before: [id, undefined], after: [rest[0], rest[1]] };
  return { ...common, op: op === 'insert' ? op : 'update', after: [id, rest[0]] };
}

function lineOf(event: SourceEvent): string {
  if (event.tag === 'obstacle') return `obstacle: ${event.reason}`;
  if (event.tag !== 'row') return event.tag;
  const { op, before, after } = event.change;
  return [op, before?.[0], ...(after ?? [])].filter((part) => part !== undefined).join(' ');
}

const row = (id: string, note: string): Answer => ({ tag: 'row', values: [id, note], misfit: null });
const ABSENT = 'obstacle: a row that the log tells of was not there when its transaction had committed';

describe('changes that are told as their transaction left the row', () => {
  it('tell it whole', async () => {
    expect(
      await told([
        ['insert 1', row('1', 'last')],
        ['update 1', row('1', 'last')],
        ['update 2 x', null],
      ]),
    ).toEqual(['insert 1 last', 'update 1 last', 'update 2 x']);
  });

  it('are not told of a row that came and went', async () => {
    expect(
      await told([
        ['insert 1', GONE],
        ['update 1', GONE],
        ['delete 1', null],
        ['delete 2', null],
      ]),
    ).toEqual(['delete 2']);
  });

  it('of an older row tell its end alone', async () => {
    expect(
      await told([
        ['update 1', GONE],
        ['update 1', GONE],
        ['delete 1', null],
      ]),
    ).toEqual(['delete 1']);
    expect(
      await told([
        ['update 1', GONE],
        ['move 1 2', row('2', 'last')],
      ]),
    ).toEqual(['update 1 2 last']);
  });

  it('follow a row to another key', async () => {
    expect(
      await told([
        ['insert 1', GONE],
        ['move 1 2', row('2', 'last')],
      ]),
    ).toEqual(['insert 2 last']);
    expect(
      await told([
        ['move 1 2', GONE],
        ['delete 2', null],
      ]),
    ).toEqual(['delete 1']);
    expect(
      await told([
        ['insert 1', GONE],
        ['move 1 2', GONE],
        ['move 2 3', row('3', 'x')],
      ]),
    ).toEqual(['insert 3 x']);
  });

  it('stop the table where the end of a row does not come', async () => {
    expect(
      await told([
        ['insert 1', GONE],
        ['insert 2', GONE],
        ['delete 2', null],
      ]),
    ).toEqual([ABSENT]);
    expect(await told([['update 1', GONE]])).toEqual([ABSENT]);
    expect(await told([['move 1 2', GONE]])).toEqual(['delete 1', ABSENT]);
  });

  it('stop it once where nobody knows the row', async () => {
    const untold: Answer = { tag: 'untold', reason: 'ORA-01555' };
    expect(
      await told([
        ['insert 1', untold],
        ['update 2 x', null],
        ['insert 3', untold],
      ]),
    ).toEqual(['obstacle: ORA-01555', 'update 2 x']);
  });

  it('are asked for in pieces, as large as the rows allow', async () => {
    const asked: number[] = [];
    const logged = await table();
    const change = (id: number) => changeOf(logged, `insert ${id}`);
    const events = Array.from({ length: 400 }, (_, id): SourceEvent => ({ tag: 'row', change: change(id) }));
    const questions = events.map((event, index) => {
      if (event.tag !== 'row') throw new Error('a row was made');
      return { index, asked: { logged, scn: '5', change: event.change, ask: [1], rowId: null } };
    });
    let size = 10;
    const answers = new Answers((some) => {
      asked.push(some.length);
      if (asked.length > 5) size = 1024 * 1024;
      return Promise.resolve(some.map(({ change: { after } }) => row(after?.[0] ?? '', 'x'.repeat(size))));
    });
    let count = 0;
    for await (const piece of answers.of(events, questions)) count += piece.length;
    expect(count).toBe(400);
    expect(asked.slice(0, 8)).toEqual([8, 16, 32, 64, 100, 100, 3, 3]);
  });
});
