import { withSession, type Access } from '../connection.ts';
import type { LogNames } from '../prepare.ts';
import { dropSlot, readSlot } from './slot.ts';
import { identifier } from '../sql.ts';

/** Drops slot and publication. A reader that still holds the slot is sent away first. */
export async function teardownLog(access: Access, names: LogNames, signal: AbortSignal): Promise<void> {
  await withSession(access, signal, `drop slot ${names.slot} and publication ${names.publication}`, async (session) => {
    const slot = await readSlot(session, names.slot);
    if (slot?.plugin === 'pgoutput' && slot.database === access.settings.database) {
      if (slot.activePid !== null) await session.rows(endReaderSql(session.version), [slot.activePid]);
      await dropSlot(session, names.slot);
    }
    await session.rows(`DROP PUBLICATION IF EXISTS ${identifier(names.publication)}`);
  });
}

/** Waits up to five seconds until the reader is gone; before PostgreSQL 14 just for one. */
function endReaderSql(version: number): string {
  return version >= 140_000 ? 'SELECT pg_terminate_backend($1, 5000)' : 'SELECT pg_terminate_backend($1), pg_sleep(1)';
}
