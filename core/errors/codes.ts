/**
 * `timed`: passes by itself; tried again after a pause. `manual`: somebody has to mend something first.
 * `never`: the input or the design is wrong; the same call fails again.
 */
export type Retry = 'timed' | 'manual' | 'never';

interface ErrorEntry {
  readonly title: string;
  readonly retry: Retry;
  readonly remedy: string;
}

/**
 * Every error code with the text that its users read (docs/generated/error-codes.md is made from this table).
 * PS1 configuration and use · PS2 source · PS3 extracts, store, catalog · PS4 destination and loads · PS5 verification.
 */
export const ERROR_CODES = {
  PS1001: {
    title: 'configuration is not valid',
    retry: 'never',
    remedy: 'Correct the setting that the message names.',
  },
  PS1002: {
    title: 'secret is missing',
    retry: 'manual',
    remedy:
      'Set the environment variable, make the file (mode 0600) or put the secret into Secrets Manager, as the setting names it.',
  },
  PS1003: {
    title: 'tables collide',
    retry: 'never',
    remedy: 'Give one of them another name: set addDatabasePrefix, or schemaForAllTables, or leave one out.',
  },
  PS1004: {
    title: 'a full extract is needed first',
    retry: 'never',
    remedy: 'Run `penstock full-extract` once; deltas go on from there.',
  },
  PS1005: {
    title: 'table is not known at the source',
    retry: 'manual',
    remedy: 'Correct the name, or grant the user the right to see the table.',
  },
  PS1006: { title: 'column is not known', retry: 'never', remedy: 'Correct the column name in the table options.' },
  PS1007: {
    title: 'another process is at work on this pipeline',
    retry: 'timed',
    remedy: 'Stop the other process, or wait until its lease has run out.',
  },
  PS1008: {
    title: 'another operation is at work on this pipeline',
    retry: 'manual',
    remedy: 'Wait until the operation that the message names has ended, or stop it.',
  },
  PS1009: {
    title: 'the log is handed over to an operation',
    retry: 'timed',
    remedy: 'Nothing: reading goes on when the operation has ended.',
  },
  PS1010: {
    title: 'rollback point is not there',
    retry: 'never',
    remedy: 'Choose one of those that `penstock rollback` lists.',
  },
  PS1011: {
    title: 'time of a step is up',
    retry: 'timed',
    remedy: 'Nothing: the step is called again and goes on from where it was.',
  },
  PS1012: {
    title: 'secret store cannot be reached',
    retry: 'timed',
    remedy: 'Check that Secrets Manager is reachable from the subnets: by NAT, or by an interface endpoint.',
  },
  PS1013: {
    title: 'table was copied with other settings',
    retry: 'manual',
    remedy: 'Set back what was changed, and the table goes on; or run `penstock full-extract` for the table.',
  },
  PS1014: {
    title: 'table was read with other settings',
    retry: 'manual',
    remedy: 'Run `penstock full-extract` for the table: it is copied with the new settings.',
  },
  PS1015: {
    title: 'scheduled run failed',
    retry: 'manual',
    remedy:
      'Mend what the message says (the execution of that name says more), then switch the scheduler on: the run is made again.',
  },
  PS1016: {
    title: 'state machines cannot be reached',
    retry: 'timed',
    remedy: 'Check that Step Functions is reachable from the subnets: by NAT, or by an interface endpoint.',
  },
  PS2001: {
    title: 'position belongs to another log',
    retry: 'manual',
    remedy:
      'The source was restored, failed over or replaced. Check that it is the right server, then run a full extract.',
  },
  PS2002: {
    title: 'source cannot be reached',
    retry: 'timed',
    remedy: 'Check that the server runs and that host, port, TLS settings and firewall let this machine in.',
  },
  PS2003: { title: 'source refuses the login', retry: 'manual', remedy: 'Correct the user and the password.' },
  PS2004: {
    title: 'right is missing at the source',
    retry: 'manual',
    remedy: 'Grant the right that the message names.',
  },
  PS2005: {
    title: 'source is not set up for log capture',
    retry: 'manual',
    remedy: 'Run `penstock check` and apply the statements that it prints.',
  },
  PS2006: {
    title: 'the log that is needed next is gone',
    retry: 'manual',
    remedy: 'Run a full extract: the changes since the last position cannot be read any more.',
  },
  PS2007: {
    title: 'log is in use by another reader',
    retry: 'timed',
    remedy: 'Stop the other reader, or choose another slot name (PostgreSQL) or server id (MySQL).',
  },
  PS2008: {
    title: 'source sent something that cannot be decoded',
    retry: 'manual',
    remedy: 'Report the message with the server version; nothing was skipped.',
  },
  PS2009: {
    title: 'statement failed at the source',
    retry: 'manual',
    remedy: 'The message of the server says what is wrong.',
  },
  PS2010: {
    title: 'connection to the source was lost',
    retry: 'timed',
    remedy: 'Nothing to do if it comes back; otherwise check the server and the network.',
  },
  PS2011: {
    title: 'log does not identify the rows of a table',
    retry: 'manual',
    remedy: 'Give the table a primary key, or let the log hold whole old rows; the message says how.',
  },
  PS2012: {
    title: 'table was altered while it was copied',
    retry: 'timed',
    remedy: 'Nothing to do: the copy goes on with a new snapshot.',
  },
  PS2013: {
    title: 'times of commits are not certain',
    retry: 'manual',
    remedy:
      'Set source.serverTimeZone to the zone in which the server writes its log (its region, `Europe/Berlin`; `UTC`; or an offset), and reading goes on. Where the clock was set wrong meanwhile, only a full extract helps.',
  },
  PS3001: {
    title: 'extract is damaged or missing',
    retry: 'manual',
    remedy:
      'Restore the object from a backup or a version of the bucket, or run a full extract of the tables that it holds.',
  },
  PS3002: { title: 'lease was lost', retry: 'never', remedy: 'Another process took over; this one stops by itself.' },
  PS3003: {
    title: 'store cannot be reached',
    retry: 'timed',
    remedy: 'Check the directory or the bucket, its free space and the rights on it.',
  },
  PS3004: {
    title: 'catalog cannot be reached',
    retry: 'timed',
    remedy: 'Check the state directory or the DynamoDB table, and the rights on it.',
  },
  PS3005: {
    title: 'catalog was changed by somebody else',
    retry: 'timed',
    remedy: 'Another process took over; this one reads again or stops.',
  },
  PS3006: {
    title: 'state is of another pipeline or version',
    retry: 'never',
    remedy: "Point `state` to this pipeline's own directory.",
  },
  PS4001: {
    title: 'destination cannot be reached',
    retry: 'timed',
    remedy: 'Check that the server runs and that host, port, TLS settings and firewall let this machine in.',
  },
  PS4002: { title: 'destination refuses the login', retry: 'manual', remedy: 'Correct the user and the password.' },
  PS4003: {
    title: 'right is missing at the destination',
    retry: 'manual',
    remedy: 'Grant the right that the message names.',
  },
  PS4004: {
    title: 'rows do not fit the destination',
    retry: 'manual',
    remedy:
      "Change the column's type, set the table's misfits policy to quarantine, or correct the rows at the source; then run `penstock full-extract` for the table.",
  },
  PS4005: {
    title: 'structure changed in a way that is not applied by itself',
    retry: 'manual',
    remedy:
      'See `penstock sync-structure`: what loses no row it applies (--apply). For anything else set redoInitialExtract for the table and run `penstock full-extract`.',
  },
  PS4006: { title: 'loader was fenced', retry: 'never', remedy: 'Another loader took over; this one stops by itself.' },
  PS4007: {
    title: 'row to be updated is missing at the destination',
    retry: 'manual',
    remedy:
      'Somebody changed the destination table, or it was never copied. Set redoInitialExtract for the table and run `penstock full-extract`.',
  },
  PS4008: {
    title: 'statement failed at the destination',
    retry: 'manual',
    remedy: 'The message of the server says what is wrong.',
  },
  PS4009: {
    title: 'connection to the destination was lost',
    retry: 'timed',
    remedy: 'Nothing to do if it comes back; otherwise check the server and the network.',
  },
  PS4010: {
    title: 'transaction was rolled back by the destination',
    retry: 'timed',
    remedy: 'Nothing to do: the load is tried again.',
  },
  PS4011: {
    title: 'ledger and catalog contradict each other',
    retry: 'manual',
    remedy: 'The destination or the state directory was restored or replaced. Run a full extract.',
  },
  PS4012: {
    title: 'copy of a table cannot be continued by the log',
    retry: 'manual',
    remedy: 'Run `penstock full-extract` for the table: it is copied anew.',
  },
  PS5001: {
    title: 'source and destination differ',
    retry: 'manual',
    remedy: 'See the differing keys; set redoInitialExtract for the table and run `penstock full-extract`.',
  },
  PS5002: {
    title: 'rows of a table cannot be fetched again one by one',
    retry: 'manual',
    remedy: 'Run `penstock full-extract` for the table: it is copied anew.',
  },
  PS9001: { title: 'internal error', retry: 'manual', remedy: 'Report it with the message and the version.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
