import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Session } from '../connection.ts';
import { lsnText, parseLsn } from '../place.ts';
import { literal } from '../sql.ts';

/** A replication slot as the server sees it. */
export interface Slot {
  readonly plugin: string;
  readonly database: string;
  readonly isActive: boolean;
  readonly activePid: string | null;
  /** Why the log that it needs is gone; null: it is there. */
  readonly lost: string | null;
  /** Changes that ended before it were released by a reader. */
  readonly confirmed: bigint | null;
}

export async function readSlot(session: Session, name: string): Promise<Slot | null> {
  const lost = [
    session.version >= 130_000 ? `CASE WHEN wal_status = 'lost' THEN 'wal_removed' END` : `NULL`,
    session.version >= 170_000 ? 'invalidation_reason' : `NULL`,
    `CASE WHEN restart_lsn IS NULL THEN 'no restart_lsn' END`,
  ];
  const [row] = await session.rows(
    `SELECT plugin, database, active, active_pid, coalesce(${lost.join(', ')}), confirmed_flush_lsn
     FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  if (row === undefined) return null;
  const [plugin, database, active, activePid, reason, confirmed = null] = row;
  return {
    plugin: plugin ?? '',
    database: database ?? '',
    isActive: active === 't',
    activePid: activePid ?? null,
    lost: reason ?? null,
    confirmed: confirmed === null ? null : parseLsn(confirmed),
  };
}

/** Waits until the transactions that run now have ended. @returns the place from which on everything is kept */
export async function createSlot(session: Session, name: string): Promise<bigint> {
  const [row] = await session.rows(`SELECT lsn FROM pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
  const [lsn = null] = row ?? [];
  if (lsn === null) throw new PenstockError('PS2008', `the server did not say where slot ${name} begins`);
  return parseLsn(lsn);
}

export async function dropSlot(session: Session, name: string): Promise<void> {
  await session.rows(`SELECT pg_drop_replication_slot($1)`, [name]);
}

/** @throws PenstockError PS2005 when the slot is not one that we can read in this database */
export function requireOurKind(slot: Slot, name: string, database: string): void {
  if (slot.plugin === 'pgoutput' && slot.database === database) return;
  throw new PenstockError(
    'PS2005',
    `slot ${name} exists with plugin ${slot.plugin === '' ? '(physical)' : slot.plugin} for database ${slot.database}`,
    { remedy: `Choose another name in source.slot, or drop it: SELECT pg_drop_replication_slot(${literal(name)});` },
  );
}

/**
 * Whether the slot still holds everything after `known`.
 * @throws PenstockError PS2006 where it does not
 */
export function requireReach(slot: Slot | null, name: string, known: bigint): void {
  const gone = (what: string) => new PenstockError('PS2006', what);
  if (slot === null) throw gone(`replication slot ${name} does not exist any more`);
  if (slot.lost !== null) throw gone(`replication slot ${name} has lost the log that it needs (${slot.lost})`);
  if (slot.confirmed !== null && slot.confirmed > known) {
    throw gone(
      `replication slot ${name} stands at ${lsnText(slot.confirmed)}, after ${lsnText(known)}, the position reached so far: it was made anew or moved on by another reader`,
    );
  }
}
