import { tableId } from '../../../core/changes/table-name.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { targetOf } from '../../../core/destinations/target-naming.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { selectionOf } from '../../../core/operations/pipeline-tables.ts';
import type { PipelineSettings, TableSettings } from '../../../core/pipeline/settings.ts';
import type { ConsoleInstance } from '../console-host.ts';
import type { TableCheck } from '../schemas/tables.ts';

type Findings = TableCheck['findings'];

/** So many errors are named, and so many warnings: of ten thousand tables each may have one. */
const NAMED = 20;

/** What the source and the destination's rules say of these tables: the first findings, and how many there are besides. */
export async function checkTables(
  instance: Pick<ConsoleInstance, 'source'>,
  settings: PipelineSettings,
  tables: readonly TableSettings[],
  signal: AbortSignal,
): Promise<Pick<TableCheck, 'findings' | 'more'>> {
  return named(await allFindings(instance, settings, tables, signal));
}

function named(findings: Findings): Pick<TableCheck, 'findings' | 'more'> {
  const kept = (['error', 'warning'] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity).slice(0, NAMED),
  );
  return { findings: kept, more: findings.length - kept.length };
}

/** What stands in the way of a description is found one after the other: what is behind the first is looked at when these are mended. */
async function allFindings(
  instance: Pick<ConsoleInstance, 'source'>,
  settings: PipelineSettings,
  tables: readonly TableSettings[],
  signal: AbortSignal,
): Promise<Findings> {
  const findings: Findings = [];
  const chosen = new Map(tables.map((one): [string, TableSettings] => [tableId(one.table), one]));
  let left = [...tables];
  while (left.length > 0 && findings.length < NAMED) {
    try {
      const schemas = await instance.source.describeTables(settings, left.map(selectionOf), signal);
      for (const schema of schemas) findings.push(...unfit(settings, chosen, schema));
      left = [];
    } catch (error) {
      if (!(error instanceof PenstockError)) throw error;
      const { code, message, remedy, table } = error;
      findings.push({ code, severity: 'error', message, remedy, table });
      const rest = left.filter((candidate) => tableId(candidate.table) !== table);
      if (rest.length === left.length) return findings;
      left = rest;
    }
  }
  return findings;
}

/** Whether the destination can hold the table. */
function unfit(settings: PipelineSettings, chosen: ReadonlyMap<string, TableSettings>, schema: TableSchema): Findings {
  const id = tableId(schema.table);
  const own = chosen.get(id);
  if (own === undefined) return [];
  try {
    targetOf(settings, own, schema);
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    return [{ code: error.code, severity: 'error', message: error.message, remedy: error.remedy, table: id }];
  }
  if (schema.identity.tag === 'key' || own.key !== null) return [];
  return [
    {
      code: 'table.no-key',
      severity: 'warning',
      message: `${id} has no primary key: its rows are told apart by all their columns`,
      remedy: 'Choose columns that identify a row, where there are such.',
      table: id,
    },
  ];
}
