/** Those of `databases` whose changes the server leaves out of its log (binlog_do_db, binlog_ignore_db), by SHOW MASTER STATUS. */
export function unloggedDatabases(
  status: ReadonlyMap<string, string | null>,
  databases: readonly string[],
): readonly string[] {
  const only = listed(status.get('binlog_do_db'));
  const never = listed(status.get('binlog_ignore_db'));
  return [...new Set(databases)].filter((name) => (only.size > 0 ? !only.has(name) : never.has(name)));
}

function listed(text: string | null | undefined): ReadonlySet<string> {
  return new Set((text ?? '').split(',').filter((name) => name !== ''));
}
