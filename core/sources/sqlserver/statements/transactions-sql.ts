import { qualified } from '../sql.ts';
import { batch } from './bound-values.ts';
import type { SqlText } from './sql-text.ts';
import type { TransactionStatement } from './transactions.ts';

export function transactionSql(statement: TransactionStatement): SqlText {
  switch (statement.tag) {
    case 'beginSnapshot':
      return batch('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION;');
    case 'beginLocking':
      return batch(`SET LOCK_TIMEOUT ${statement.milliseconds}; BEGIN TRANSACTION;`);
    case 'lockTable':
      return batch(
        `SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS one FROM ${qualified(statement.table)} WITH (TABLOCK, HOLDLOCK)) AS held;`,
      );
    case 'touch':
      return batch(`SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS one FROM ${qualified(statement.table)}) AS touched;`);
    case 'end':
      return batch(
        'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT -1;',
      );
  }
}
