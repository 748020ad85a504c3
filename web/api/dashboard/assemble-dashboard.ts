import { parseTableName, tableId } from '../../../core/changes/table-name.ts';
import { millisecondsFromTimestamp } from '../../../core/changes/timestamp.ts';
import type { TableRecord } from '../../../core/catalog/records.ts';
import { nextRun } from '../../../core/operations/scheduling/next-run.ts';
import { verificationOf } from '../../../core/operations/verification/table-verification.ts';
import { destinationLabel, sourceLabel, usualExtractType } from '../configuration/schemas-view.ts';
import { writtenTables } from '../configuration/edit-tables.ts';
import { mappingAt, sectionOf, type Mapping } from '../configuration/parsed-configuration.ts';
import type { ChecklistStep, Dashboard } from '../schemas/dashboard.ts';
import type { ProgressRow } from '../schemas/values.ts';
import type { PipelineFacts } from './pipeline-facts.ts';

const SHOWN = 20;

/** Pure: the dashboard from what is known. */
export function assembleDashboard(facts: PipelineFacts): Dashboard {
  const { activity, generated, last, loaded, lastExtract, waiting, operation, now } = facts;
  const { raw } = facts.configuration;
  const source = endOf(mappingAt(raw, 'source'), sourceLabel);
  const destination = endOf(mappingAt(raw, 'destination'), destinationLabel);
  const age = waiting === null ? 0 : now - millisecondsFromTimestamp(waiting.sourceDate);
  return {
    generated,
    activity,
    checklist: checklist(facts),
    source: {
      ...source,
      extractType: textAt(mappingAt(raw, 'source'), 'extractType') ?? usualExtractType(source.type),
      ...{ lastExtract: last?.createdAt ?? null, lastSourceDate: last?.sourceDate ?? null },
      lastError: facts.sourceError,
    },
    destination: { ...destination, lastLoad: loaded?.at ?? null, lastError: facts.destinationError },
    tables: tableCounts(facts),
    schedule: scheduleCard(facts),
    verified: verifiedTables(facts),
    progress: shownProgress(operation?.progress ?? []),
    progressTotal: operation === null ? null : progressTotal(operation.progress),
    lag: { lastExtract, loaded: loaded?.extract ?? 0, milliseconds: Math.max(0, age) },
    resources: facts.resources,
  };
}

function endOf(
  section: Mapping | null,
  label: (type: string) => string,
): Pick<Dashboard['destination'], 'label' | 'type' | 'host' | 'database'> {
  const type = textAt(section, 'type');
  return {
    ...{ type, label: type === null ? null : label(type) },
    ...{ host: textAt(section, 'host'), database: textAt(section, 'database') },
  };
}

function textAt(section: Mapping | null, name: string): string | null {
  const value = section?.[name];
  return typeof value === 'string' ? value : null;
}

function checklist({ configuration, hasPosition, tables }: PipelineFacts): ChecklistStep[] {
  const { raw, problems } = configuration;
  const problemIn = (name: string): string | null => {
    const found = problems.find(({ path }) => sectionOf(path) === name);
    return found === undefined ? null : `${found.path.join('.')}: ${found.message}`;
  };
  const set = (step: 'source' | 'destination' | 'schedule'): ChecklistStep => {
    const section = mappingAt(raw, step);
    if (section === null)
      return { step, done: step === 'schedule', detail: step === 'schedule' ? 'automatic' : 'not set up yet' };
    const problem = problemIn(step);
    const type = textAt(section, 'type') ?? '';
    return { step, done: problem === null, detail: problem ?? type };
  };
  const chosen = writtenTables(raw).size;
  const tableProblem = chosen === 0 ? 'no table is chosen yet' : problemIn('tables');
  const copied = tables.filter(({ schema }) => schema !== null).length;
  return [
    set('source'),
    set('destination'),
    { step: 'tables', done: tableProblem === null, detail: tableProblem ?? `${chosen} chosen` },
    set('schedule'),
    {
      step: 'full-extract',
      done: hasPosition && copied > 0,
      detail: hasPosition ? `${copied} copied` : 'not made yet',
    },
  ];
}

function tableCounts({ configuration, tables }: PipelineFacts): Dashboard['tables'] {
  const { raw, settings } = configuration;
  const chosen = writtenTables(raw);
  const keepByDefault = mappingAt(raw, 'history')?.['keepByDefault'] === true;
  const transfers = [...chosen.values()].map((entry) => entry['transfer'] ?? (keepByDefault ? 'history' : 'mirror'));
  const withHistory = transfers.filter((transfer) => transfer === 'history').length;
  const schemas = new Set([...chosen.keys()].map((id) => parseTableName(id)?.schema));
  const ids = new Set((settings?.tables ?? []).map(({ table }) => tableId(table)));
  const own = tables.filter(({ table }) => ids.has(table));
  const stopped = own.flatMap(stoppedTable);
  return {
    ...{ chosen: chosen.size, schemas: schemas.size, databases: chosen.size === 0 ? 0 : 1 },
    ...{ withHistory, withoutHistory: chosen.size - withHistory },
    following: own.filter(({ state }) => state.tag === 'following').length,
    ...{ stopped: stopped.slice(0, SHOWN), stoppedCount: stopped.length },
  };
}

function verifiedTables({ configuration, tables, proofs }: PipelineFacts): Dashboard['verified'] {
  const records = new Map(tables.map((record): [string, TableRecord] => [record.table, record]));
  const chosen = [...writtenTables(configuration.raw).keys()];
  const found = chosen.map((id) => verificationOf(proofs.get(id) ?? null, records.get(id) ?? null));
  const fresh = found.filter((proof) => proof !== null).filter(({ stale }) => stale === null);
  const having = (verdict: 'equal' | 'different' | 'unsettled'): number =>
    fresh.filter((proof) => proof.verdict === verdict).length;
  return {
    ...{ equal: having('equal'), different: having('different'), unsettled: having('unsettled') },
    never: chosen.length - fresh.length,
    oldest: fresh.map(({ at }) => at).sort()[0] ?? null,
  };
}

function stoppedTable({ table, state }: TableRecord): Dashboard['tables']['stopped'] {
  if (state.tag !== 'stopped') return [];
  const { code, message, remedy, since } = state;
  return [{ code, message, remedy, table, at: since }];
}

function scheduleCard({ configuration, served, scheduler, now }: PipelineFacts): Dashboard['schedule'] {
  const { settings, raw } = configuration;
  const next = settings === null ? null : nextRun(settings.schedule, served, now);
  return { type: settings?.schedule.tag ?? textAt(mappingAt(raw, 'schedule'), 'type'), next, scheduler };
}

const ORDER: Readonly<Record<ProgressRow['state'], number>> = {
  failed: 0,
  copying: 1,
  finishing: 2,
  waiting: 3,
  done: 4,
};

/** Those that somebody wants to see first. */
function shownProgress(progress: readonly ProgressRow[]): ProgressRow[] {
  return [...progress].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
}

function progressTotal(progress: readonly ProgressRow[]): Dashboard['progressTotal'] {
  if (progress.length === 0) return null;
  const done = progress.filter(({ state }) => state === 'done' || state === 'failed').length;
  return { tables: progress.length, done };
}
