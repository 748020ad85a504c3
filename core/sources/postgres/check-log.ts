import { tableId } from '../../changes/table-name.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { error, ok } from '../finding.ts';
import {
  addTablesSql,
  createPublicationSql,
  missingTables,
  publicationFaults,
  readPublication,
} from './server/publication.ts';

/** Whether the publication hands out all changes, or may be made or completed by this user. */
export async function checkPublication(
  session: Session,
  name: string,
  tables: readonly TableSelection[],
  described: readonly ReplicatedTable[],
): Promise<Finding[]> {
  const code = 'postgres.publication';
  const chosen = tables.map(({ table }) => table);
  const publication = await readPublication(session, name);
  if (publication === null) {
    const statement = createPublicationSql(session.version, name, chosen);
    if (await mayPublish(session, tables, null))
      return [ok(code, `publication ${name} will be made by the full extract`)];
    return [error(code, `publication ${name} is not there and the user may not make it`, `${statement};`)];
  }
  const faults = publicationFaults(publication, name, described, session.version);
  const findings = faults.map((fault) => error(code, fault.message, fault.remedy));
  const missing = missingTables(publication, chosen);
  if (missing.length > 0) {
    const ids = missing.map(tableId).join(', ');
    const message = `publication ${name} does not hold ${ids}`;
    if (await mayPublish(session, tables, name)) findings.push(ok(code, `${message}; the full extract adds them`));
    else findings.push(error(code, `${message}, and the user may not add them`, `${addTablesSql(name, missing)};`));
  }
  return findings.length > 0 ? findings : [ok(code, `publication ${name} holds all chosen tables`)];
}

/** To publish a table one must own it, and the publication too or have CREATE on the database. */
async function mayPublish(
  session: Session,
  tables: readonly TableSelection[],
  publication: string | null,
): Promise<boolean> {
  const [row] = await session.rows(
    `SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR (
       (CASE WHEN $3::text IS NULL THEN has_database_privilege(current_database(), 'CREATE')
          ELSE (SELECT pg_has_role(pubowner, 'USAGE') FROM pg_publication WHERE pubname = $3) END)
       AND NOT EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS want(schema, name)
         JOIN pg_namespace n ON n.nspname = want.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = want.name
         WHERE NOT pg_has_role(c.relowner, 'USAGE')))`,
    [tables.map(({ table }) => table.schema), tables.map(({ table }) => table.name), publication],
  );
  return row?.[0] === 't';
}
