import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlserverAccess } from '../../../test/fixtures/tds/sqlserver-access.ts';
import { startTdsServer, type TdsServer } from '../../../test/fixtures/tds/tds-server.ts';
import { answerMatrix, MATRIX } from '../../../test/fixtures/tds/type-matrix.ts';
import { describeType } from '../../changes/column-type.ts';
import { openSession } from './connection.ts';
import { allRows, type Session } from './server/session.ts';
import type { Statement } from './statements/statement.ts';
import { readingOf } from './types.ts';
import { sourceTypeOf, type SourceType } from './values/source-type.ts';

const POLICIES = sqlserverAccess({ host: '127.0.0.1', port: 1 }).settings;
const NEVER = new AbortController().signal;

/** What users' tables may have, as the manual of Ingest lists it, and what SQL Server has besides. */
const TYPES = `bigint real varchar(max) bit float nchar decimal datetime nvarchar int datetime2 nvarchar(max) money smalldatetime binary
  numeric date varbinary smallint time varbinary(max) smallmoney datetimeoffset timestamp tinyint char uniqueidentifier varchar
  hierarchyid xml text ntext image sql_variant geography geometry`;

it('knows all types', () => {
  const tried = new Set(MATRIX.flatMap(({ type: { name, length } }) => [name, length === -1 ? `${name}(max)` : name]));
  expect(TYPES.split(/\s+/).filter((name) => !tried.has(name))).toEqual([]);
});

/** The three ways in which a value is read; the last value of each row is the column's. */
function waysTo(index: number, type: SourceType): readonly Statement[] {
  const table = { schema: 'dbo', name: `t${index}` };
  const columns = [{ name: 'v', type }];
  const id = { name: 'id', type: { tag: 'integer', bits: 32 } as const };
  const after = { lsn: '0'.repeat(20), command: '0', sequence: '0'.repeat(20), operation: '0' };
  const upTo = 'F'.repeat(20);
  return [
    { tag: 'rows', table, columns, conditions: [], orderBy: null },
    { tag: 'trackedChanges', table, key: [id], columns, after: '0', upTo: '9' },
    { tag: 'capturedChanges', instance: table.name, columns, after, upTo, most: 1000 },
  ];
}

describe('types over the wire, through the driver', () => {
  let server: TdsServer;
  let session: Session;

  beforeAll(async () => {
    server = await startTdsServer({ answer: answerMatrix });
    session = await openSession(sqlserverAccess(server), NEVER);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(
    MATRIX.map((entry, index) => ({
      ...entry,
      index,
      name: `${entry.type.name}(${entry.type.length}, ${entry.type.precision}, ${entry.type.scale})`,
    })),
  )('$name: nothing is lost, by a copy or from the log', async ({ type: catalog, canonical, values, index }) => {
    const source = sourceTypeOf(catalog);
    const reading = readingOf(source, POLICIES);
    expect(describeType(reading.type)).toBe(canonical);
    for (const statement of waysTo(index, source)) {
      const verdicts = (await allRows(session, statement)).map((row) => {
        const output = row.at(-1) ?? null;
        if (output === null) return null;
        const reason = reading.misfit?.(output) ?? null;
        if (reason !== null) return `misfit: ${reason}`;
        return reading.decode === null ? output : reading.decode(output);
      });
      expect(verdicts, statement.tag).toEqual([...values.map(([, text]) => text), null]);
    }
  });
});
