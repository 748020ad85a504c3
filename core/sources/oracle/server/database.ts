import { PenstockError } from '../../../errors/penstock-error.ts';
import { isRefused, serverErrorNumber } from '../errors.ts';
import { allRows, oneRow } from '../../session.ts';
import { identifier } from '../sql.ts';
import type { Session } from './session.ts';

/** What the server says of the database, and of the container that the session is in. */
export interface Database {
  readonly dbid: string;
  readonly name: string;
  readonly resetlogs: { readonly scn: string; readonly time: string };
  readonly logMode: string;
  /** Supplemental logging of the whole database. `minimal`: `YES`, `IMPLICIT` or `NO`. */
  readonly supplemental: { readonly minimal: string; readonly isAll: boolean; readonly isPrimaryKey: boolean };
  readonly isContainerDatabase: boolean;
  /** `PRIMARY`, `PHYSICAL STANDBY`, … */
  readonly role: string;
  readonly openMode: string;
  readonly isLoggingForced: boolean;
  /** `CDB$ROOT`, or a pluggable database's name; null where there are no containers. */
  readonly container: { readonly name: string; readonly id: string; readonly dbid: string } | null;
  readonly user: string;
}

export const ROOT_NAME = 'CDB$ROOT';

/** @throws PenstockError PS2004 where the user may not see V$DATABASE */
export async function readDatabase(session: Session): Promise<Database> {
  const row = await oneRow(session, { tag: 'database' }).catch(async (error: unknown) => {
    if (!isRefused(error)) throw error;
    const user = await sessionUser(session);
    throw new PenstockError('PS2004', 'the user may not read V$DATABASE', {
      remedy: `GRANT SELECT ON SYS.V_$DATABASE TO ${identifier(user)}; on Amazon RDS rdsadmin.rdsadmin_util.grant_sys_object does it. \`penstock check\` then prints what else is missing.`,
      cause: error,
    });
  });
  const [
    dbid,
    name,
    scn,
    time,
    logMode,
    minimal,
    all,
    primaryKey,
    cdb,
    role,
    openMode,
    forced,
    container,
    id,
    user,
    inside,
  ] = row;
  if (dbid === undefined || dbid === null)
    throw new PenstockError('PS2008', 'the server does not describe its database');
  const isContainerDatabase = cdb === 'YES';
  return {
    dbid,
    name: said(name),
    resetlogs: { scn: said(scn), time: said(time) },
    logMode: said(logMode),
    supplemental: { minimal: said(minimal), isAll: all === 'YES', isPrimaryKey: primaryKey === 'YES' },
    isContainerDatabase,
    role: said(role),
    openMode: said(openMode),
    isLoggingForced: forced === 'YES',
    container: isContainerDatabase ? { name: said(container), id: said(id), dbid: said(inside) } : null,
    user: said(user),
  };
}

/** As the server writes it, which is how a GRANT must name it. */
export async function sessionUser(session: Session): Promise<string> {
  const [user] = await oneRow(session, { tag: 'sessionUser' });
  return said(user);
}

export async function isOnRds(session: Session): Promise<boolean> {
  return (await allRows(session, { tag: 'isRds' })).length > 0;
}

function said(text: string | null | undefined): string {
  return text ?? '';
}

export function isInPluggable({ container }: Database): boolean {
  return container !== null && container.name !== ROOT_NAME;
}

/** A server's release: `major` 19, `update` 21 for 19.21; before 18c the update is not told, and is 0. */
export interface Release {
  readonly text: string;
  readonly major: number;
  readonly update: number;
}

const UNKNOWN_COLUMN = 904;

export async function readRelease(session: Session): Promise<Release> {
  const [text] = await oneRow(session, { tag: 'release', isFull: true }).catch((error: unknown) => {
    if (serverErrorNumber(error) !== UNKNOWN_COLUMN) throw error;
    return oneRow(session, { tag: 'release', isFull: false });
  });
  const [major, update] = (text ?? '').split('.');
  return { text: text ?? '?', major: Number(major ?? 0), update: Number(update ?? 0) };
}
