import type { Session } from './connection.ts';

/** Microseconds since 1970 by the source's clock, read after the statement's snapshot was taken. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  const [row] = await session.rows('SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint');
  return BigInt(row?.[0] ?? '0');
}
