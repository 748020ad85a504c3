import type { Session } from '../connection.ts';
import { serverErrorNumber } from '../errors.ts';
import { settingRemedy, type ServerSettings } from './server-settings.ts';

/** How long a server keeps its log, whoever still needs it. */
export type Retention =
  | { readonly tag: 'seconds'; readonly seconds: number }
  /** It drops nothing by time. */
  | { readonly tag: 'forever' }
  /** Amazon's default: files go as soon as its own replicas have them. */
  | { readonly tag: 'minutes' }
  /** Only the operator's own table says it, and that cannot be read. */
  | { readonly tag: 'unknown' };

const HOUR = 3600;
const DAY = 24 * HOUR;
/** No such table, or no right to read it. */
const UNREADABLE = new Set([1142, 1143, 1044, 1146, 1049]);

export async function readRetention(session: Session, server: ServerSettings): Promise<Retention> {
  if (server.operator === 'rds' || server.operator === 'aurora') return managedRetention(session);
  const { values } = server;
  if (values.get('binlog_expire_logs_auto_purge') === 'OFF') return { tag: 'forever' };
  const seconds =
    Number(values.get('binlog_expire_logs_seconds') ?? 0) || Number(values.get('expire_logs_days') ?? 0) * DAY;
  return seconds === 0 ? { tag: 'forever' } : { tag: 'seconds', seconds };
}

/** What mysql.rds_show_configuration shows. The server's own variables mean nothing there. */
async function managedRetention(session: Session): Promise<Retention> {
  try {
    const [row] = await session.rows(`SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'`);
    const hours = Number(row?.[0] ?? 0);
    return hours === 0 ? { tag: 'minutes' } : { tag: 'seconds', seconds: hours * HOUR };
  } catch (error) {
    if (UNREADABLE.has(serverErrorNumber(error) ?? 0)) return { tag: 'unknown' };
    throw error;
  }
}

/** MySQL before 8 and MariaDB before 10.6 count days. */
export function retentionRemedy(server: ServerSettings, days: number): string {
  if (server.operator === 'rds' || server.operator === 'aurora') {
    return `CALL mysql.rds_set_configuration('binlog retention hours', ${days * 24});`;
  }
  if (server.values.has('binlog_expire_logs_seconds')) {
    return settingRemedy(server, 'binlog_expire_logs_seconds', String(days * DAY));
  }
  return settingRemedy(server, 'expire_logs_days', String(days));
}
