import type { TableName } from '../../../changes/table-name.ts';
import type { Alteration } from './alter-table.ts';
import type { ChosenTables } from '../following/chosen-tables.ts';
import type { StatementEffect } from './ddl.ts';

/** What a statement means for a table that is followed. */
export type Consequence =
  | { readonly tag: 'truncate'; readonly table: TableName }
  | { readonly tag: 'obstacle'; readonly table: TableName; readonly reason: string; readonly isOther: boolean }
  | { readonly tag: 'altered'; readonly table: TableName; readonly alteration: Alteration };

/** Pure: effects of a statement → what becomes of the chosen tables. `isStrict`: the session refused values that do not fit. */
export function consequencesOf(
  effects: readonly StatementEffect[],
  chosen: ChosenTables,
  isStrict: boolean,
): Consequence[] {
  return effects.flatMap((effect) => consequenceOf(effect, chosen, isStrict));
}

function consequenceOf(effect: StatementEffect, chosen: ChosenTables, isStrict: boolean): Consequence[] {
  switch (effect.tag) {
    case 'truncate':
      return one(chosen, effect.table, (table) => ({ tag: 'truncate', table }));
    case 'gone':
      return one(chosen, effect.table, (table) => obstacle(table, effect.reason, true));
    case 'arrived':
      return one(chosen, effect.table, (table) => obstacle(table, 'another table took its name', true));
    case 'schemaGone':
      return chosen.inSchemas([effect.schema]).map((table) => obstacle(table, effect.reason, true));
    case 'statement':
      return chosen.inSchemas(effect.schemas).map((table) => obstacle(table, LOGGED_AS_TEXT, false));
    case 'unknown':
      if (effect.names === null) return chosen.all.map((table) => obstacle(table, UNKNOWN_STATEMENT, false));
      return effect.names.flatMap((name) =>
        one(chosen, name, (table) => obstacle(table, `${UNKNOWN_STATEMENT} that names it`, false)),
      );
    case 'altered':
      return one(chosen, effect.table, (table) => {
        const reason = alterationFault(effect.alteration, isStrict);
        if (reason !== null) return obstacle(table, reason, true);
        return { tag: 'altered', table, alteration: effect.alteration };
      });
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'xaStart':
    case 'xaEnd':
    case 'xaPrepare':
    case 'xaCommit':
    case 'xaRollback':
      return [];
  }
}

const LOGGED_AS_TEXT =
  'rows were changed by a statement that is in the log as text only (a session with binlog_format STATEMENT or MIXED)';
const UNKNOWN_STATEMENT = 'the log has a statement that is not known here';

function one(chosen: ChosenTables, name: TableName, make: (table: TableName) => Consequence): Consequence[] {
  const table = chosen.find(name);
  return table === null ? [] : [make(table)];
}

/** `isOther`: what was known of the table's structure holds no more. */
function obstacle(table: TableName, reason: string, isOther: boolean): Consequence {
  return { tag: 'obstacle', table, reason, isOther };
}

/** Why the log does not tell what rows have after an alteration that it does not show row by row; null where it does. */
function alterationFault(alteration: Alteration, isStrict: boolean): string | null {
  if (alteration.lossy !== null) return alteration.lossy;
  if (alteration.dropped.length > 0) return `column ${alteration.dropped.join(', ')} was dropped or renamed`;
  if (alteration.rewrites && !isStrict) {
    return 'it was altered in a session whose sql_mode is not strict, in which values that do not fit are changed without a word';
  }
  return null;
}

/** Whether an alteration leaves all columns as they are. */
export function isHarmless({ added, dropped, touched, rewrites, lossy }: Alteration): boolean {
  return added.length === 0 && dropped.length === 0 && touched.length === 0 && !rewrites && lossy === null;
}
