import { PenstockError } from '../../errors/penstock-error.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId, type TableName } from '../../changes/table-name.ts';
import type { TableSelection } from '../source-connector.ts';
import { guarded, openSession, processIdOf, withSession, type Access, type Session } from './connection.ts';
import { describeTables, type ReplicatedTable } from './describe.ts';
import { driverCode } from './errors.ts';
import { identifyCluster, lineageOf, lsnOf, positionAt, requireLineage } from './lineage.ts';
import { lsnText, parseLsn } from './place.ts';
import { partitionFaults } from './server/partitions.ts';
import {
  addTablesSql,
  createPublicationSql,
  missingTables,
  publicationFaults,
  readPublication,
  requireNoFaults,
  type Publication,
} from './server/publication.ts';
import { createSlot, dropSlot, readSlot, requireOurKind, requireReach } from './server/slot.ts';

/** The names of what the server keeps for a pipeline. */
export interface LogNames {
  readonly publication: string;
  readonly slot: string;
}

/** What is to be in the log; of `copiedAnew` no change was ever needed, so that they may join it now. */
export interface ChosenTables {
  readonly tables: readonly TableSelection[];
  /** Table ids. */
  readonly copiedAnew: ReadonlySet<string>;
}

/** Describes tables as the log gives them, with the publication as it is or, where there is none yet, as prepare makes it. */
export async function describeLogged(
  session: Session,
  names: LogNames,
  tables: readonly TableSelection[],
): Promise<ReplicatedTable[]> {
  const publication = await readPublication(session, names.publication);
  return describeWith(session, publication, tables);
}

/** Whether stored generated columns come with the log. */
export async function logHoldsGenerated(session: Session, names: LogNames): Promise<boolean> {
  return holdsGenerated(session, await readPublication(session, names.publication));
}

function holdsGenerated(session: Session, publication: Publication | null): boolean {
  return publication?.storedGenerated ?? session.version >= 180_000;
}

function describeWith(
  session: Session,
  publication: Publication | null,
  tables: readonly TableSelection[],
): Promise<ReplicatedTable[]> {
  return describeTables(session, tables, { fromLog: true, generatedColumns: holdsGenerated(session, publication) });
}

/** Makes publication and slot, or makes sure that they still reach back to `known`; see SourceConnector.prepare. */
export async function prepareLog(
  access: Access,
  names: LogNames,
  chosen: ChosenTables,
  known: SourcePosition | null,
  signal: AbortSignal,
): Promise<SourcePosition> {
  const lineage = await currentLineage(access, names, signal);
  if (known !== null) requireLineage(known, lineage);
  return withSession(access, signal, 'prepare the log', async (session) => {
    await preparePublication(session, names, chosen, known !== null);
    if (known === null) return positionAt(lineage, await freshSlot(access, session, names.slot, signal));
    await requireSlot(session, names.slot, access.settings.database, lsnOf(known));
    return known;
  });
}

/** A slot releases the log that was acknowledged, and never goes back. See SourceConnector.checkReach. */
export async function checkLogReach(
  access: Access,
  names: LogNames,
  from: SourcePosition,
  signal: AbortSignal,
): Promise<void> {
  requireLineage(from, await currentLineage(access, names, signal));
  const slot = await withSession(access, signal, 'look at the slot', (session) => readSlot(session, names.slot));
  const confirmed = slot?.confirmed ?? null;
  if (confirmed === null || confirmed <= lsnOf(from)) {
    requireReach(slot, names.slot, lsnOf(from));
    return;
  }
  throw new PenstockError(
    'PS2006',
    `replication slot ${names.slot} keeps the log from ${lsnText(confirmed)} on, and a slot does not go back to ${lsnText(lsnOf(from))}`,
  );
}

/** Asked anew at every start: the server behind the address may have been replaced. */
export async function currentLineage(access: Access, names: LogNames, signal: AbortSignal): Promise<string> {
  await using session = await openSession(access, signal, 'replication');
  return lineageOf(await guarded(session, signal, 'identify the server', () => identifyCluster(session)), names.slot);
}

/** @throws PenstockError PS2001, PS2005, PS2006 */
export async function requireSlot(session: Session, name: string, database: string, known: bigint): Promise<void> {
  const slot = await readSlot(session, name);
  requireReach(slot, name, known);
  if (slot !== null) requireOurKind(slot, name, database);
  const [row] = await session.rows('SELECT pg_current_wal_flush_lsn()');
  const flushed = parseLsn(row?.[0] ?? '0/0');
  if (flushed >= known) return;
  throw new PenstockError(
    'PS2001',
    `the position reached so far, ${lsnText(known)}, lies after the end of the server's log, ${lsnText(flushed)}: the server was set back to an earlier state`,
  );
}

async function preparePublication(
  session: Session,
  names: LogNames,
  { tables, copiedAnew }: ChosenTables,
  isKnown: boolean,
): Promise<void> {
  const chosen = tables.map(({ table }) => table);
  const publication = await readPublication(session, names.publication);
  const described = await describeWith(session, publication, tables);
  for (const table of described) await requirePartitions(session, table);
  if (publication !== null)
    requireNoFaults(publicationFaults(publication, names.publication, described, session.version));
  const missing = publication === null ? chosen : missingTables(publication, chosen);
  const withdrawn = missing.filter((table) => !copiedAnew.has(tableId(table)));
  if (isKnown && withdrawn.length > 0)
    throw changesMissed(session.version, names.publication, publication === null, withdrawn);
  if (publication === null) await change(session, createPublicationSql(session.version, names.publication, chosen));
  else if (missing.length > 0) await change(session, addTablesSql(names.publication, missing));
}

/** @throws PenstockError PS2011 */
async function requirePartitions(session: Session, { source, schema }: ReplicatedTable): Promise<void> {
  const [fault] = await partitionFaults(session, source, schema.identity);
  if (fault === undefined) return;
  throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy, table: tableId(source.table) });
}

/** Changes of a table are lost from the moment that it left the publication: it must not come back by itself. */
function changesMissed(version: number, name: string, isGone: boolean, tables: readonly TableName[]): PenstockError {
  const ids = tables.map(tableId);
  const statement = isGone ? createPublicationSql(version, name, tables) : addTablesSql(name, tables);
  return new PenstockError(
    'PS2005',
    `publication ${name} does not hold ${ids.join(', ')}: changes may have been missed`,
    {
      remedy: `${statement}; then set redoInitialExtract for ${ids.join(', ')} and run \`penstock full-extract\`.`,
      ...(ids.length === 1 && ids[0] !== undefined ? { table: ids[0] } : {}),
    },
  );
}

/** Runs a statement that needs rights; a refusal says which statement somebody with the right must run. */
async function change(session: Session, statement: string): Promise<void> {
  try {
    await session.client.query(statement);
  } catch (error) {
    if (driverCode(error) !== '42501') throw error;
    throw new PenstockError('PS2004', `the user may not run: ${statement}`, {
      remedy: `Let the owner of the tables run: ${statement};`,
      cause: error,
    });
  }
}

/** The slot's beginning; one that was left by an interrupted start is taken over, one that lost its log is made anew. */
async function freshSlot(access: Access, session: Session, name: string, signal: AbortSignal): Promise<bigint> {
  const slot = await readSlot(session, name);
  if (slot !== null) requireOurKind(slot, name, access.settings.database);
  if (slot?.lost === null && slot.confirmed !== null) return slot.confirmed;
  if (slot !== null) await dropSlot(session, name);
  return cancelledOnAbort(access, session, signal, () => createSlot(session, name));
}

/**
 * Runs a statement that may wait for other transactions at the server: an abort cancels it there too,
 * where a closed connection alone would leave it waiting.
 */
export async function cancelledOnAbort<T>(
  access: Access,
  session: Session,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const pid = processIdOf(session);
  const cancel = () => {
    withSession(access, new AbortController().signal, 'cancel', (other) =>
      other.rows('SELECT pg_cancel_backend($1)', [pid]),
    ).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
