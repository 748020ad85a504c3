import { OWN_TABLES } from '../target-naming.ts';
import type { Dialect } from './dialect.ts';
import { qualified } from './sql-text.ts';

/**
 * The statements that make Penstock's own tables. `penstock_ledger`: one row per pipeline (`tbl` empty) and per table with a mark or
 * a copy or a replay of its own. `penstock_copy_chunks`: the chunks that a copy has loaded. `penstock_quarantine`: rows that were set aside.
 */
export function createOwnTables(database: string, dialect: Dialect): string[] {
  const ledger = qualified(database, OWN_TABLES.ledger);
  const chunks = qualified(database, OWN_TABLES.chunks);
  const quarantine = qualified(database, OWN_TABLES.quarantine);
  const isSingleStore = dialect.name === 'singlestore';
  const create = `CREATE ${isSingleStore ? 'ROWSTORE ' : ''}TABLE IF NOT EXISTS`;
  const text = `CHARACTER SET utf8mb4 COLLATE ${dialect.textCollation}`;
  const engine = isSingleStore ? '' : ' ENGINE=InnoDB';
  const names = `pipeline VARCHAR(64) ${text} NOT NULL, tbl VARCHAR(300) ${text} NOT NULL`;
  return [
    `${create} ${ledger} (${names}, applied BIGINT NULL, epoch BIGINT NOT NULL, steps BIGINT NOT NULL,` +
      ` copy_generation BIGINT NOT NULL, copy_state VARCHAR(16) ${text} NOT NULL,` +
      ` copy_applied BIGINT NULL, replay_from BIGINT NULL, replay_next BIGINT NULL, replay_emptied BIGINT NOT NULL DEFAULT 0, updated_at DATETIME(6) NOT NULL,` +
      ` PRIMARY KEY (pipeline, tbl))${engine}`,
    `${create} ${chunks} (${names}, generation BIGINT NOT NULL, chunk BIGINT NOT NULL,` +
      ` PRIMARY KEY (pipeline, tbl, generation, chunk))${engine}`,
    `CREATE TABLE IF NOT EXISTS ${quarantine} (${names}, position VARCHAR(255) ${text} NOT NULL, reason VARCHAR(255) ${text} NOT NULL,` +
      ` col VARCHAR(128) ${text} NOT NULL, raw LONGTEXT ${text} NOT NULL, at DATETIME(6) NOT NULL, id CHAR(16) ${text} NOT NULL,` +
      ` row_key LONGTEXT ${text} NULL, PRIMARY KEY (pipeline, id))${engine}`,
  ];
}
