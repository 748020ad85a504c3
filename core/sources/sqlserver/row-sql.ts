import { conditionSql } from '../condition.ts';
import { keysCondition, typedValue } from './keys-sql.ts';
import { identifier, qualified } from './sql.ts';
import { BoundValues } from './statements/bound-values.ts';
import type { OutputColumn, RowCondition } from './statements/columns.ts';
import type { RowStatement } from './statements/rows.ts';
import type { SqlText } from './statements/sql-text.ts';
import { outputSql } from './values/value-sql.ts';

/** The statements that read rows of a table. */
export function rowSql(statement: RowStatement): SqlText {
  const bound = new BoundValues();
  const table = qualified(statement.table);
  switch (statement.tag) {
    case 'rows': {
      const { columns, conditions, orderBy } = statement;
      const order = orderBy === null ? '' : ` ORDER BY ${identifier(orderBy.name)}`;
      const where = whereSql(conditions, bound);
      return bound.sql(`SELECT ${outputColumns(columns, '')} FROM ${table}${where}${order};`);
    }
    case 'boundaries': {
      const { column, every } = statement;
      const name = identifier(column.name);
      const output = outputSql(column.type, name);
      return bound.sql(
        `SELECT ${output} FROM (SELECT ${name}, ROW_NUMBER() OVER (ORDER BY ${name}) AS place FROM ${table}) AS numbered WHERE place % ${bound.number(every)} = 0 ORDER BY ${name};`,
      );
    }
    case 'greatest': {
      const { column, conditions } = statement;
      const name = identifier(column.name);
      const output = outputSql(column.type, name);
      const where = whereSql(conditions, bound);
      return bound.sql(`SELECT TOP (1) ${output} FROM ${table}${where} ORDER BY ${name} DESC;`);
    }
  }
}

/** The columns in output text; `from`: what stands before each name, `T.`. */
export function outputColumns(columns: readonly OutputColumn[], from: string): string {
  if (columns.length === 0) return `N''`;
  return columns
    .map((column) => (column === null ? 'NULL' : outputSql(column.type, `${from}${identifier(column.name)}`)))
    .join(', ');
}

function whereSql(conditions: readonly RowCondition[], bound: BoundValues): string {
  if (conditions.length === 0) return '';
  return ` WHERE ${conditions.map((condition) => conditionOf(condition, bound)).join(' AND ')}`;
}

function conditionOf(condition: RowCondition, bound: BoundValues): string {
  switch (condition.tag) {
    case 'above':
      return `${identifier(condition.column.name)} > ${typedValue(condition.column, condition.text, bound)}`;
    case 'upTo':
      return `${identifier(condition.column.name)} <= ${typedValue(condition.column, condition.text, bound)}`;
    case 'isSet':
      return `${identifier(condition.column.name)} IS NOT NULL`;
    case 'below':
      return `${identifier(condition.column.name)} < ${typedValue(condition.column, condition.text, bound)}`;
    case 'keys':
      return keysCondition(condition.columns, condition.keys, bound);
    case 'chosen':
      return conditionSql(condition.where);
  }
}
