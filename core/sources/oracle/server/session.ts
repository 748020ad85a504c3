import type * as source from '../../session.ts';
import type { Statement } from '../statements/statement.ts';

/**
 * A connection to Oracle of its own, never pooled: what LogMiner does belongs to it. Errors of the driver have the server's number in
 * `errorNum` (1291, 942, …), and in `code` its name (`ORA-01291`) or the driver's (`NJS-503`).
 */
export type Session = source.Session<Statement>;

/**
 * Logs in anew. Sessions begin with `setFormats` and `setZone` done, and those for the root of a container database are there.
 * @throws PenstockError PS2002, PS2003, PS2004, PS2005; an abort's reason
 */
export type SessionOpener = source.SessionOpener<Statement>;
