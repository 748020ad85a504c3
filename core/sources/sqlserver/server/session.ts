import type * as source from '../../session.ts';
import type { Statement } from '../statements/statement.ts';

export { allRows, oneRow, type Row } from '../../session.ts';

/**
 * A connection to SQL Server. Errors of the driver have the server's error number in `number` (313, 208, 1205, …), and in `code` the
 * driver's or the socket's name (`ELOGIN`, `ECONNREFUSED`).
 */
export type Session = source.Session<Statement>;

/**
 * Logs in anew. Sessions begin with the same settings: READ COMMITTED, NOCOUNT, ANSI settings on, LANGUAGE us_english, DATEFORMAT ymd,
 * TEXTSIZE without bound, LOCK_TIMEOUT -1, DEADLOCK_PRIORITY LOW.
 * @throws PenstockError PS2002, PS2003, PS2004, PS2005; an abort's reason
 */
export type SessionOpener = source.SessionOpener<Statement>;
