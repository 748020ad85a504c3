import type { TestProject } from 'vitest/node';
import { startPostgres } from '../fixtures/postgres-server.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { givenServer } from './given-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    givenPostgres: ServerAddress;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ programs: givenServer().programs, settings: { fsync: 'off' } });
  project.provide('givenPostgres', server.address);
  return () => server.stop();
}
