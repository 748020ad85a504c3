import type { SourceEvent } from '../../../core/changes/change.ts';
import type { SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import type { PolledSourceUnderTest } from './polled-source.ts';
import { NEVER, changesOf, readToNow, select } from './reading.ts';
import type { DatabaseUnderTest, ServerUnderTest } from './source-under-test.ts';

type Settings = Readonly<Record<string, unknown>>;

/** A database with tables that are polled: `polled` by a time, `counted` by a number, `keyless`, which cannot be. */
export class PollBench implements AsyncDisposable {
  readonly database: DatabaseUnderTest;
  readonly source: SourceConnector;
  readonly polled: TableSelection;
  readonly counted: TableSelection;
  readonly keyless: TableSelection;

  private constructor(database: DatabaseUnderTest) {
    this.database = database;
    this.source = this.connect();
    this.polled = select(database, 'polled', { timestampColumn: 'at' });
    this.counted = select(database, 'counted', { timestampColumn: 'version' });
    this.keyless = select(database, 'keyless', { timestampColumn: 'at' });
  }

  static async open(server: ServerUnderTest, { kind, moment }: PolledSourceUnderTest): Promise<PollBench> {
    const database = await server.database(`polls_${kind}`);
    await database.admin.run(
      `CREATE TABLE polled (id INTEGER NOT NULL, t VARCHAR(20), at ${moment.type}, PRIMARY KEY (id))`,
      'CREATE INDEX polled_at ON polled (at)',
      'CREATE TABLE counted (id INTEGER NOT NULL, version BIGINT, PRIMARY KEY (id))',
      `CREATE TABLE keyless (at ${moment.type})`,
    );
    return new PollBench(database);
  }

  /** Of extract type Timestamps, unless `settings` say something else. */
  connect(settings: Settings = {}): SourceConnector {
    return this.database.connect({
      settings: { extractType: 'timestamps', lagSeconds: 0, pollSeconds: 0.05, ...settings },
    });
  }

  run(...statements: readonly string[]): Promise<void> {
    return this.database.admin.run(...statements);
  }

  /** The first column of the rows that come behind what there is now, after `statements`. */
  async newKeys(
    source: SourceConnector,
    table: TableSelection,
    ...statements: readonly string[]
  ): Promise<(string | null | undefined)[]> {
    const start = await source.prepare([table], null, NEVER);
    await this.run(...statements);
    return keysOf((await readToNow(source, start, [table])).events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

export function keysOf(events: readonly SourceEvent[]): (string | null | undefined)[] {
  return changesOf(events).map(({ after }) => after?.[0]);
}
