import { tableId } from '../changes/table-name.ts';
import type { Configuration, TableEntry } from './configuration-schema.ts';
import type { Problem } from './configuration-problem.ts';

/** What is wrong with tables that are well-formed each: doubles and options that contradict each other. */
export function tableProblems(configuration: Pick<Configuration, 'tables' | 'history'>): Problem[] {
  const { tables, history } = configuration;
  const problems = [...doubles(tables), ...tables.flatMap(contradictions)];
  if (sameColumn(history.startColumn, history.endColumn)) {
    problems.push({
      path: ['history', 'endColumn'],
      message: `expected another name than startColumn, found ${JSON.stringify(history.endColumn)}`,
    });
  }
  return problems;
}

function doubles(tables: readonly TableEntry[]): Problem[] {
  const firsts = new Map<string, number>();
  return tables.flatMap((table, index) => {
    const id = tableId(table.name);
    const first = firsts.get(id);
    if (first === undefined) {
      firsts.set(id, index);
      return [];
    }
    return [
      { path: ['tables', index, 'name'], message: `expected every table once, found ${id} at tables[${first}] too` },
    ];
  });
}

function contradictions(table: TableEntry, index: number): Problem[] {
  const problems: Problem[] = [];
  const at = (...path: (string | number)[]) => ['tables', index, ...path];
  table.key?.forEach((column, place) => {
    if (table.mask.includes(column)) {
      problems.push({
        path: at('key', place),
        message: `expected a column that is read, found ${column}, which is masked`,
      });
    }
    if (table.key?.indexOf(column) !== place) {
      problems.push({ path: at('key', place), message: `expected every column once, found ${column} twice` });
    }
  });
  for (const column of Object.keys(table.typeChange)) {
    if (table.mask.includes(column)) {
      problems.push({ path: at('typeChange', column), message: 'expected a column that is read, found a masked one' });
    }
  }
  if (table.timestampColumn !== null && table.mask.includes(table.timestampColumn)) {
    problems.push({ path: at('timestampColumn'), message: 'expected a column that is read, found a masked one' });
  }
  if (table.skipInitialExtract && table.redoInitialExtract) {
    problems.push({
      path: at('redoInitialExtract'),
      message: 'expected only one of skipInitialExtract and redoInitialExtract, found both',
    });
  }
  if (table.where !== null && table.skipInitialExtract) {
    problems.push({
      path: at('where'),
      message: 'expected nothing beside skipInitialExtract: it is for the full extract only',
    });
  }
  return problems;
}

/** Destinations compare column names without case. */
function sameColumn(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
