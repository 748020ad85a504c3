import type { ServerAddress } from '../test/fixtures/server-process.ts';
import type { SourceClient, SourceType } from '../test/fixtures/test-source.ts';
import { mysqlBenchSource } from './mysql-bench-source.ts';
import { postgresBenchSource } from './postgres-bench-source.ts';

/** Where the benchmarks differ between the kinds of source. */
export interface BenchSource {
  /** Of the server, by its own names. */
  readonly settings: Readonly<Record<string, string>>;
  /** Statements of a connection that fills tables: what it writes need not be in the log. */
  readonly fillSession: readonly string[];
  /** Statements of a connection whose changes are followed: its disk is not what is measured. */
  readonly session: readonly string[];
  /**
   * Columns of the table that is copied. Types whose text both servers read alike, so that the raw pipe needs no conversion at all:
   * what Penstock converts for other types is its own cost, and would flatter no one here.
   */
  readonly columns: string;
  /** All values of row `n`; `noteBytes` sets the row's size. */
  rowValues(noteBytes: number): string;
  /** After the table was filled. */
  settle(table: string): string[];
  /** The bytes of a row as text, with the tabs between its columns and the line's end. */
  rowBytes(columns: readonly string[]): string;
  /** The least that any copier does: the lines of a table as the source gives them. */
  openLines(address: ServerAddress, database: string, table: string): AsyncIterable<Buffer>;
  /** Gives up what a pipeline keeps at the source. */
  release(client: SourceClient, pipeline: string): Promise<void>;
}

export function benchSource(type: SourceType): BenchSource {
  return type === 'postgres' ? postgresBenchSource : mysqlBenchSource;
}
