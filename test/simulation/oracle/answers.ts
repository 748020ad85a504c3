import type { Row } from '../../../core/sources/session.ts';
import type { RowCondition } from '../../../core/sources/oracle/statements/columns.ts';
import type { MiningStatement } from '../../../core/sources/oracle/statements/mining.ts';
import type { SessionStatement } from '../../../core/sources/oracle/statements/session.ts';
import type { Statement } from '../../../core/sources/oracle/statements/statement.ts';
import { GREATEST_SCN } from '../../fixtures/oracle-fake/log-miner.ts';
import { oracleError } from '../../fixtures/oracle-fake/oracle-error.ts';
import { memberName, type RedoFile } from '../../fixtures/oracle-fake/redo-thread.ts';
import { outputOf, ROOT, type Container, type Database } from './database.ts';
import { columnRows, keyRows, OWNER, TABLES, tableNamed, tableRows } from './tables.ts';

/** Where a session is. */
export interface Place {
  readonly database: Database;
  /** Null: in the root. */
  readonly container: Container | null;
}

/** Statements of LogMiner, and those that only checks, copies and other extract types ask. */
type Unasked =
  | (MiningStatement | SessionStatement)['tag']
  | (
      | 'listTables'
      | 'listKeys'
      | 'extents'
      | 'tableSize'
      | 'leadingColumns'
      | 'boundaries'
      | 'greatest'
      | 'tryCondition'
    )
  | (
      | 'timeOfScn'
      | 'privileges'
      | 'tryView'
      | 'tryTable'
      | 'rdsSettings'
      | 'schedulerZone'
      | 'archiveReach'
      | 'tryDictionary'
    );

type Answers = {
  readonly [Tag in Exclude<Statement['tag'], Unasked>]: (
    place: Place,
    statement: Extract<Statement, { tag: Tag }>,
  ) => Row[] | Promise<Row[]>;
};

/** Rows of a statement that asks the server, and not LogMiner. @throws as Oracle's driver does */
export function answer(place: Place, statement: Statement): Row[] | Promise<Row[]> {
  if (!isAsked(statement)) throw new Error(`nobody asks for ${statement.tag}`);
  return ANSWERS[statement.tag](place, statement as never);
}

function isAsked(statement: Statement): statement is Exclude<Statement, { tag: Unasked }> {
  return statement.tag in ANSWERS;
}

const ANSWERS: Answers = {
  database: ({ database: { log, options }, container }) => [
    [
      ...['2847000001', 'SHOP', String(log.incarnation.scn), '2025-12-01 00:00:00', 'ARCHIVELOG', 'YES', 'NO', 'NO'],
      ...[options.isContainerDatabase ? 'YES' : 'NO', 'PRIMARY', 'READ WRITE', 'YES'],
      ...(container === null ? [ROOT, '1'] : [container.name?.name ?? 'SHOP', String(container.name?.id ?? 0)]),
      ...['READER', String(2_847_000_001 + (container?.name?.id ?? 0))],
    ],
  ],
  release: ({ database: { options } }) => [[`${options.release}.3.0.0.0`]],
  now: ({ database: { log } }) => [[log.now().toISOString().replace('Z', '000'), '+00:00']],
  clock: async ({ database: { log } }) => [
    [String(await log.currentScn()), log.now().toISOString().replace('Z', '000'), '+00:00'],
  ],
  currentScn: async ({ database: { log } }) => [[String(await log.currentScn())]],
  characterSets: () => [['AL32UTF8', 'AL16UTF16']],
  openTransactions: ({ database, container }) =>
    [...database.transactions].flatMap(({ id, thread, startScn, container: of }) => {
      if (id === null || startScn === null || (container !== null && container.name !== of)) return [];
      return [[thread, id.segment, id.slot, id.sequence, startScn, of?.id ?? 0].map(String)];
    }),
  inDoubt: () => [],
  containers: ({ database }) =>
    database.containers.flatMap(({ name }) => (name === null ? [] : [[String(name.id), name.name, 'READ WRITE', '1']])),
  incarnation: ({ container }) => (container === null || container.name === null ? [] : [['4.1']]),
  sessionUser: () => [['READER']],
  isRds: () => [],
  archiveDestinations: () => [['1']],
  threads: ({ database }) => threadRows(database),
  logs: ({ database }, { behind }) => logRows(database, BigInt(behind)),
  buildDictionary: ({ database }) => {
    database.buildDictionary();
    return [];
  },
  tables: (_, { tables }) => tableRows(tables.map(({ name }) => tableNamed(name))),
  columns: (_, { tables }) => columnRows(tables.map(({ name }) => tableNamed(name))),
  keys: (_, { tables }) => keyRows(tables.map(({ name }) => tableNamed(name))),
  tableObjects: (_, { tables }) =>
    tables.map(({ name }) => [OWNER, name, ...Array<string>(2).fill(String(tableNamed(name).objectId))]),
  logGroups: (_, { tables }) => tables.map(({ name }) => [OWNER, name, 'ALL COLUMN LOGGING']),
  unlogged: () => [],
  rows: (place, statement) => rowsAsOf(place, statement),
};

/** As of an SCN by their keys: nothing else is ever asked for. */
function rowsAsOf(
  { database, container }: Place,
  { table: { name }, asOf, columns, conditions }: Extract<Statement, { tag: 'rows' }>,
): Row[] {
  const table = TABLES.find((one) => one.name === name);
  if (table === undefined || container === null) throw oracleError(942, `table or view ${name} does not exist`);
  if (asOf === null || BigInt(asOf) > database.log.nextScn()) throw oracleError(8181, 'no such system change number');
  return keysOf(conditions).flatMap((key) => {
    const values = container.rowAt(name, key, BigInt(asOf));
    if (values === null) return [];
    return [
      columns.map((column) => {
        const place = table.columns.findIndex((one) => one.name === column?.name);
        return column === null ? null : outputOf(column.type, values[place] ?? null);
      }),
    ];
  });
}

function keysOf(conditions: readonly RowCondition[]): string[] {
  return conditions.flatMap((condition) => {
    if (condition.tag !== 'keys') throw new Error(`nobody asks for rows by ${condition.tag}`);
    return condition.keys.map(([key = '']) => key);
  });
}

/** Redo threads. What the database writes for itself moves every open one on, when it is written. */
function threadRows({ log }: Database): Row[] {
  log.beat();
  return log.threads.map(({ isOpen, isPublic, current, lastRedoScn, number }) => [
    ...[String(number), isOpen ? 'OPEN' : 'CLOSED', isPublic ? 'PUBLIC' : 'PRIVATE'],
    ...[current.sequence, log.incarnation.scn, lastRedoScn, lastRedoScn].map(String),
  ]);
}

function logRows(database: Database, behind: bigint): Row[] {
  const files = database.log.files().filter(({ nextScn }) => nextScn === null || nextScn > behind);
  return files.flatMap((file) => [...onlineRow(file, database), ...archivedRow(file, database)]);
}

function onlineRow(file: RedoFile, database: Database): Row[] {
  const { group, nextScn, archive } = file;
  if (group === null) return [];
  const status = nextScn === null ? 'CURRENT' : archive === null ? 'ACTIVE' : 'INACTIVE';
  return [
    [memberName(group), ...numbersOf(file), database.printTime(file.firstAt), 'ONLINE', status, 'NO', 'NO', '1000'],
  ];
}

function archivedRow(file: RedoFile, database: Database): Row[] {
  const { archive, hasDictionaryBegin, hasDictionaryEnd } = file;
  if (archive === null || archive.status !== 'A') return [];
  const edges = [hasDictionaryBegin, hasDictionaryEnd].map((is) => (is ? 'YES' : 'NO'));
  return [[archive.name, ...numbersOf(file), database.printTime(file.firstAt), 'ARCHIVED', null, ...edges, '1000']];
}

function numbersOf({ thread, sequence, firstScn, nextScn }: RedoFile): string[] {
  return [thread, sequence, firstScn, nextScn ?? GREATEST_SCN].map(String);
}
