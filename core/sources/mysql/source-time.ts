import type { Session } from './connection.ts';

/** Microseconds since 1970 by the source's clock. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  const [row] = await session.rows('SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)');
  return BigInt(row?.[0] ?? '0');
}
