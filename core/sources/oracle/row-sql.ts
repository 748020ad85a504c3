import { conditionSql } from '../condition.ts';
import { comparedColumn, inList, keysCondition, typedValue } from './keys-sql.ts';
import { identifier, qualified } from './sql.ts';
import { BoundValues, plain } from './statements/bound-values.ts';
import type { OutputColumn, RowCondition, TypedColumn } from './statements/columns.ts';
import type { RowStatement } from './statements/rows.ts';
import type { SqlText } from './statements/sql-text.ts';
import { outputSql } from './values/value-sql.ts';

/** The statements that read rows of a table. */
export function rowSql(statement: RowStatement): SqlText {
  const bound = new BoundValues();
  switch (statement.tag) {
    case 'rows': {
      const { columns, conditions, orderBy } = statement;
      const from = fromSql(statement, bound);
      const order = orderBy === null ? '' : ` ORDER BY ${comparedColumn(orderBy)}`;
      const flagged = columns.flatMap((column, place) => (isObject(column) ? [place] : []));
      const text = `SELECT ${outputColumns(columns)} FROM ${from}${whereSql(conditions, bound)}${order}`;
      return flagged.length === 0 ? bound.sql(text) : { ...bound.sql(text), flagged };
    }
    case 'boundaries': {
      const { column, every } = statement;
      const from = fromSql(statement, bound);
      const name = identifier(column.name);
      return bound.sql(
        `SELECT ${outputSql(column.type, 'KEY_VALUE')} FROM (SELECT ${name} AS KEY_VALUE, ROW_NUMBER() OVER (ORDER BY ${name}) AS PLACE FROM ${from}) WHERE MOD(PLACE, ${bound.number(every)}) = 0 ORDER BY PLACE`,
      );
    }
    case 'greatest': {
      const { column, conditions } = statement;
      const from = fromSql(statement, bound);
      const { name, type } = column;
      const greatest = { name: 'GREATEST_VALUE', type };
      const inner = `SELECT MAX(${comparedColumn({ name, type })}) AS GREATEST_VALUE FROM ${from}${whereSql(conditions, bound)}`;
      const output = type.tag === 'rowScn' ? 'TO_CHAR(GREATEST_VALUE)' : outputSql(type, identifier(greatest.name));
      return bound.sql(`SELECT ${output} FROM (${inner})`);
    }
    case 'tryCondition':
      return plain(`SELECT '1' FROM ${qualified(statement.table)} WHERE 1 = 0 AND ${conditionSql(statement.where)}`);
  }
}

/** Flashback query, where an SCN is given. */
function fromSql(
  { table, asOf }: Pick<RowStatement & { asOf: string | null }, 'table' | 'asOf'>,
  bound: BoundValues,
): string {
  return asOf === null ? qualified(table) : `${qualified(table)} AS OF SCN ${bound.number(asOf)}`;
}

/** The columns in output text, and behind them for each large object whether it is set. */
function outputColumns(columns: readonly OutputColumn[]): string {
  if (columns.length === 0) return 'NULL';
  const outputs = columns.map((column) => (column === null ? 'NULL' : outputSql(column.type, identifier(column.name))));
  const flags = columns.filter(isObject).map(({ name }) => `CASE WHEN ${identifier(name)} IS NOT NULL THEN '1' END`);
  return [...outputs, ...flags].join(', ');
}

function isObject(column: OutputColumn): column is TypedColumn {
  return column !== null && (column.type.tag === 'clob' || column.type.tag === 'blob');
}

function whereSql(conditions: readonly RowCondition[], bound: BoundValues): string {
  if (conditions.length === 0) return '';
  return ` WHERE ${conditions.map((condition) => conditionOf(condition, bound)).join(' AND ')}`;
}

function rowIdsCondition({ from, to }: Extract<RowCondition, { tag: 'rowIds' }>, bound: BoundValues): string {
  const behind = `ROWID >= CHARTOROWID(${bound.text(from)})`;
  return to === null ? behind : `${behind} AND ROWID < CHARTOROWID(${bound.text(to)})`;
}

function conditionOf(condition: RowCondition, bound: BoundValues): string {
  switch (condition.tag) {
    case 'above':
      return `${comparedColumn(condition.column)} > ${typedValue(condition.column, condition.text, bound)}`;
    case 'upTo':
      return `${comparedColumn(condition.column)} <= ${typedValue(condition.column, condition.text, bound)}`;
    case 'isSet':
      return `${comparedColumn(condition.column)} IS NOT NULL`;
    case 'keys':
      return keysCondition(condition.columns, condition.keys, bound);
    case 'rowIds':
      return rowIdsCondition(condition, bound);
    case 'rowIdIn':
      return inList(
        'ROWID',
        condition.rowIds.map((rowId) => `CHARTOROWID(${bound.text(rowId)})`),
      );
    case 'chosen':
      return conditionSql(condition.where);
  }
}
