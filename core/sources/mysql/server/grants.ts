import type { TableName } from '../../../changes/table-name.ts';
import type { Session } from '../connection.ts';
import { literal } from '../sql.ts';

/** What one line of SHOW GRANTS gives. */
export interface Grant {
  /** In capitals: `LOCK TABLES`. Without those that are for some columns only. */
  readonly privileges: ReadonlySet<string>;
  readonly scope: Scope;
}

type Scope =
  | { readonly tag: 'server' }
  /** Databases whose names match a pattern of LIKE. */
  | { readonly tag: 'schemas'; readonly pattern: RegExp }
  | { readonly tag: 'table'; readonly table: TableName };

const ALL = 'ALL PRIVILEGES';
const NAME = '\\*|`(?:[^`]|``)*`';
const LINE = new RegExp(`^GRANT ((?:\`(?:[^\`]|\`\`)*\`|[^\`])+?) ON (${NAME})\\.(${NAME}) TO `);

/** The user's grants with those of the roles that are active. MariaDB shows them by itself, MySQL when it is asked for them. */
export async function readGrants(session: Session): Promise<Grant[]> {
  let statement = 'SHOW GRANTS';
  if (!session.isMariaDb && session.version >= 80_000) {
    const [row] = await session.rows('SELECT CURRENT_ROLE()');
    const roles = row?.[0] ?? 'NONE';
    if (roles !== 'NONE') statement = `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`;
  }
  const lines = await session.rows(statement);
  return lines.flatMap(([line]) => parseGrant(line ?? '') ?? []);
}

/** Null for lines about roles, routines and proxies. */
export function parseGrant(line: string): Grant | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, listed = '', schema = '', name = ''] = match;
  const privileges = listed
    .replaceAll(/`(?:[^`]|``)*`/g, '')
    .replaceAll(/[A-Z ]+\([^)]*\)/g, '')
    .split(',')
    .map((privilege) => privilege.trim().toUpperCase())
    .filter((privilege) => privilege !== '');
  return { privileges: new Set(privileges), scope: scopeOf(schema, name) };
}

function scopeOf(schema: string, name: string): Scope {
  if (schema === '*') return { tag: 'server' };
  if (name === '*') return { tag: 'schemas', pattern: likePattern(unquoted(schema)) };
  return { tag: 'table', table: { schema: unquoted(schema), name: unquoted(name) } };
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`');
}

/** `a\_b%` → a_b and anything behind it. */
function likePattern(like: string): RegExp {
  const source = like.replaceAll(
    /\\(.)|([%_])|([^\\%_]+)|\\$/gs,
    (_, escaped?: string, wild?: string, plain?: string) => {
      if (wild !== undefined) return wild === '%' ? '.*' : '.';
      return (escaped ?? plain ?? '\\').replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    },
  );
  return new RegExp(`^${source}$`, 's');
}

/** Whether a privilege is granted on all of a table; null: on the whole server. */
export function isGranted(grants: readonly Grant[], privilege: string, table: TableName | null): boolean {
  return grants.some(
    ({ privileges, scope }) => covers(scope, table) && (privileges.has(privilege) || privileges.has(ALL)),
  );
}

function covers(scope: Scope, table: TableName | null): boolean {
  if (scope.tag === 'server') return true;
  if (table === null) return false;
  if (scope.tag === 'schemas') return scope.pattern.test(table.schema);
  return scope.table.schema === table.schema && scope.table.name === table.name;
}

/** The account that rights are granted to, as SQL: `'shop'@'%'`. */
export async function readAccount(session: Session): Promise<string> {
  const [row] = await session.rows('SELECT CURRENT_USER()');
  const text = row?.[0] ?? '';
  const at = text.lastIndexOf('@');
  return at < 0 ? literal(text) : `${literal(text.slice(0, at))}@${literal(text.slice(at + 1))}`;
}
