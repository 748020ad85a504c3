import { createConnection } from 'mysql2/promise';
import type { ServerAddress } from '../test/fixtures/server-process.ts';
import { DATABASE } from './configuration.ts';

/** Changes one value of one row at the destination behind Penstock's back. @returns what it did */
export async function tamper(destination: ServerAddress): Promise<string> {
  const connection = await createConnection({ ...destination, database: DATABASE });
  const statement = "UPDATE customers SET full_name = CONCAT(full_name, '.') ORDER BY id LIMIT 1";
  try {
    await connection.query(statement);
    return statement;
  } finally {
    await connection.end();
  }
}
