import { execFileSync } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import type { PostgresRelease } from '../contracts/source-connector/postgres/release.ts';
import type { PostgresPrograms } from '../fixtures/postgres-server.ts';

export const HOW_TO_SAY_IT = 'POSTGRES_BIN=/folder/of/postgresql/bin';

interface GivenServer {
  readonly programs: PostgresPrograms;
  readonly release: PostgresRelease;
}

/** @throws Error that says what is wrong with the folder */
export function serverIn(folder: string): GivenServer {
  if (!isAbsolute(folder)) throw new Error(`POSTGRES_BIN is ${folder}, not the whole path of a folder`);
  const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  const [release] = Object.values(programs).map((path) =>
    releaseOf(execFileSync(path, ['--version'], { encoding: 'utf8' })),
  );
  return { programs, release: release ?? 0 };
}

/** From what `postgres --version` prints. */
export function releaseOf(text: string): PostgresRelease {
  const found = /\(PostgreSQL\) (\d+)/.exec(text);
  if (found === null) throw new Error(`POSTGRES_BIN has no PostgreSQL server: ${text.trim()}`);
  const release = Number(found[1]);
  if (release < 10) throw new Error(`POSTGRES_BIN has PostgreSQL ${text.trim()}, which is older than 10`);
  return release;
}

/** What POSTGRES_BIN names; scripts/test-postgres.mjs sees to it that it is there. */
export function givenServer(): GivenServer {
  return serverIn(process.env['POSTGRES_BIN'] ?? '');
}
