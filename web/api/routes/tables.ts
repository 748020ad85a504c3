import { Catalog } from '../../../core/catalog/catalog.ts';
import type { TableRecord } from '../../../core/catalog/records.ts';
import { VerificationRecords } from '../../../core/catalog/verification-records.ts';
import { describeType } from '../../../core/changes/column-type.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { selectionOf } from '../../../core/operations/pipeline-tables.ts';
import type { TableSettings } from '../../../core/pipeline/settings.ts';
import { candidateSettings, versionOf } from '../configuration/candidate-settings.ts';
import { canonicalId, editedTables, writtenTables } from '../configuration/edit-tables.ts';
import { refuseWrongTables, saveTables } from '../configuration/save-tables.ts';
import { mappingAt, parsedConfiguration, type ParsedConfiguration } from '../configuration/parsed-configuration.ts';
import type { ConsoleHost, ConsoleInstance } from '../console-host.ts';
import { notFound } from '../problems/api-error.ts';
import { failureOf } from '../problems/problem-document.ts';
import type { TableColumn, TableDetail, TableOptions, TableRow, tableEndpoints } from '../schemas/tables.ts';
import { checkTables } from '../tables/check-tables.ts';
import { sourceSettings, type Listed, type ListedTables } from '../tables/listed-tables.ts';
import { allTables, matching, pageOfTables, schemasOf } from '../tables/table-list.ts';
import { findInstance } from './find-instance.ts';
import type { HandlersOf } from './handler.ts';

export function tableRoutes(console: ConsoleHost, lists: ListedTables): HandlersOf<keyof typeof tableEndpoints> {
  const look = async (parameters: { readonly name: string }, refresh: 'true' | 'false' | undefined): Promise<Look> =>
    lookAtTables(await findInstance(console, parameters), lists, refresh === 'true');
  return {
    'GET /instances/{name}/tables': async ({ parameters, query }) => {
      const { rows, listed, parsed } = await look(parameters, query.refresh);
      const found = matching(rows, query);
      const { items, next } = pageOfTables(found, query.after, query.limit);
      return { items, next, total: found.length, ...standing(parsed, listed) };
    },
    'GET /instances/{name}/schemas': async ({ parameters, query }) => {
      const { rows, listed, parsed } = await look(parameters, query.refresh);
      const database = mappingAt(parsed.raw, 'source')?.['database'];
      const found = schemasOf(matching(rows, query));
      return { database: typeof database === 'string' ? database : null, ...found, ...standing(parsed, listed) };
    },
    'GET /instances/{name}/tables/{table}': async ({ parameters, signal }) => {
      const instance = await findInstance(console, parameters);
      const { rows, parsed } = await lookAtTables(instance, lists, false);
      const id = canonicalId(parameters.table);
      const row = rows.find((candidate) => candidate.id === id);
      if (row === undefined) throw notFound(`table ${parameters.table}`);
      return detail(instance, parsed, row, signal);
    },
    'PATCH /instances/{name}/tables': async ({ parameters, body, note }) => {
      const instance = await findInstance(console, parameters);
      const { changes, version } = body;
      const first = changes.slice(0, 5).map(({ table, selected }) => `${selected === false ? 'without ' : ''}${table}`);
      note(`${first.join(', ')}${changes.length > first.length ? ` and ${changes.length - first.length} more` : ''}`);
      return saveTables(instance, changes, version);
    },
    'POST /instances/{name}/tables/check': async ({ parameters, body, signal }) => {
      const instance = await findInstance(console, parameters);
      const before = await instance.configuration.read();
      const { text, selected } = editedTables(before.text, body.changes);
      refuseWrongTables(before.file, text, selected);
      const parsed = parsedConfiguration({ text, file: before.file, version: versionOf(text) });
      const settings = parsed.settings ?? candidateSettings(parsed, 'source', {});
      const ids = new Set(
        body.changes.filter((change) => change.selected !== false).map(({ table }) => canonicalId(table)),
      );
      const asked = settings.tables.filter(({ table }) => ids.has(tableId(table)));
      const { findings, more } = await checkTables(instance, settings, asked, signal);
      return { success: findings.every(({ severity }) => severity !== 'error'), findings, more };
    },
  };
}

interface Look {
  readonly rows: readonly TableRow[];
  readonly listed: Listed;
  readonly parsed: ParsedConfiguration;
}

async function lookAtTables(instance: ConsoleInstance, lists: ListedTables, refresh: boolean): Promise<Look> {
  const parsed = parsedConfiguration(await instance.configuration.read());
  const [listed, records, proofs] = await Promise.all([
    lists.of(instance, parsed, refresh),
    new Catalog(instance.name, instance.host).tables(),
    new VerificationRecords(instance.host.items, instance.name).proofs(),
  ]);
  const byId = new Map(records.map((record): [string, TableRecord] => [record.table, record]));
  return {
    rows: allTables({ listed: listed.tables, chosen: writtenTables(parsed.raw), records: byId, proofs }),
    listed,
    parsed,
  };
}

function standing(parsed: ParsedConfiguration, listed: Listed) {
  return { version: parsed.source.version, listedAt: listed.at, problem: listed.problem };
}

async function detail(
  instance: ConsoleInstance,
  parsed: ParsedConfiguration,
  row: TableRow,
  signal: AbortSignal,
): Promise<TableDetail> {
  const version = parsed.source.version;
  try {
    const settings = sourceSettings(parsed);
    const own = settings.tables.find(({ table }) => tableId(table) === row.id) ?? null;
    // As the source has it: what options make of a column is said beside it.
    const plain = { ...selectionOf(own ?? unchosen(row)), mask: [], typeChange: {}, where: null };
    const [schema] = await instance.source.describeTables(settings, [plain], signal);
    return { ...row, columns: schema === undefined ? [] : columnsOf(schema, row.options), problem: null, version };
  } catch (error) {
    return { ...row, columns: null, problem: failureOf(error), version };
  }
}

function unchosen({ schema, name }: TableRow): Pick<TableSettings, keyof ReturnType<typeof selectionOf>> {
  return { table: { schema, name }, key: null, mask: [], where: null, typeChange: {}, timestampColumn: null };
}

function columnsOf({ columns, identity }: TableSchema, options: TableOptions | null): TableColumn[] {
  return columns.map(({ name, sourceType, type, nullable }) => ({
    ...{ name, sourceType, type: describeType(type), nullable },
    inKey: identity.tag === 'key' && identity.columns.includes(name),
    masked: options?.mask.includes(name) ?? false,
    typeChange: options?.typeChange[name] ?? null,
  }));
}
