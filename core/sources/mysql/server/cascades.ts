import { serverErrorNumber } from '../errors.ts';
import type { Session } from '../connection.ts';
import { qualified } from '../sql.ts';
import type { TableName } from '../../../changes/table-name.ts';

/** The first version whose server, not InnoDB, changes the rows of child tables, and logs them (manual, "Replication and Foreign Keys"). */
const LOGGED_SINCE = 90_600;
/** No right on the table, or it is gone: others say so. */
const NOT_SHOWN = new Set([1142, 1143, 1146]);

/**
 * The foreign keys of a table by which the engine changes its rows below the log, by name.
 * From SHOW CREATE TABLE, because information_schema shows constraints only to users who may do more than SELECT (tried: MariaDB 10.11).
 */
export async function readCascades(session: Session, table: TableName): Promise<string[]> {
  const names = cascadingKeys(await createStatement(session, table));
  return names.length > 0 && (await areLogged(session)) ? [] : names;
}

async function createStatement(session: Session, table: TableName): Promise<string> {
  try {
    const [row] = await session.rows(`SHOW CREATE TABLE ${qualified(table)}`);
    return row?.[1] ?? '';
  } catch (error) {
    if (NOT_SHOWN.has(serverErrorNumber(error) ?? 0)) return '';
    throw error;
  }
}

async function areLogged(session: Session): Promise<boolean> {
  if (session.isMariaDb || session.version < LOGGED_SINCE) return false;
  const [row] = await session.rows('SELECT @@global.innodb_native_foreign_keys');
  return row?.[0] === '0';
}

/** A line of its own; no comment can look like one, because the server prints line feeds of comments as `\n`. */
const FOREIGN_KEY = /^ *CONSTRAINT (?:`((?:[^`]|``)+)`|(\S+)) FOREIGN KEY (.*)$/gm;
const QUOTED = /`(?:[^`]|``)*`/g;
const CASCADES = / ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)\b/;

/** Names of the foreign keys with an action that changes rows of the table itself; `create` is what SHOW CREATE TABLE prints. */
export function cascadingKeys(create: string): string[] {
  return [...create.matchAll(FOREIGN_KEY)]
    .filter(([, , , rest = '']) => CASCADES.test(rest.replaceAll(QUOTED, '``')))
    .map(([, quoted, plain = '']) => quoted?.replaceAll('``', '`') ?? plain);
}
