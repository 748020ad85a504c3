import type {
  BreakableServer,
  DatabaseUnderTest,
  Dialect,
  ServerUnderTest,
  SourceUnderTest,
} from './source-under-test.ts';
import type { Finding, SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { NEVER } from './reading.ts';
import { Replica } from './replica.ts';

/** What the cases of every theme share: the source, and its servers once they run. */
export interface Contract {
  readonly source: SourceUnderTest;
  readonly dialect: Dialect;
  shared(): ServerUnderTest;
  own(): BreakableServer;
}

/** Another workload at each run where `SEED` is given; the names of the tests say which it was. */
export const SEED = Number(process.env['SEED'] ?? 20_261_121);

/** Whether the source tells what became of rows at last, and not every version of them. */
export function tellsNet({ source }: Contract): boolean {
  return source.cannot.everyVersion !== undefined;
}

/** A replica that takes the changes as this source tells them. */
export function replicaOf(contract: Contract, schema: TableSchema): Replica {
  return new Replica(schema, tellsNet(contract) ? 'net' : 'every version');
}

/** A database of a theme's own with one connector, from beforeAll to afterAll. */
export class Bench implements AsyncDisposable {
  readonly database: DatabaseUnderTest;
  readonly source: SourceConnector;

  private constructor(database: DatabaseUnderTest) {
    this.database = database;
    this.source = database.connect();
  }

  static async open(server: ServerUnderTest, name: string): Promise<Bench> {
    return new Bench(await server.database(`contract_${name}`));
  }

  run(...statements: readonly string[]): Promise<void> {
    return this.database.admin.run(...statements);
  }

  /** Begins anew: whatever an earlier case left of the log is given up. */
  async prepareAnew(tables: readonly TableSelection[]): Promise<SourcePosition> {
    await this.source.teardown(NEVER);
    return this.source.prepare(tables, null, NEVER);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.teardown(NEVER).catch(() => undefined);
    await this.source[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

export function errorsOf(findings: readonly Finding[]): string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`);
}

/** What a promise was rejected with; fails where it was not. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it succeeded, and must not');
}
