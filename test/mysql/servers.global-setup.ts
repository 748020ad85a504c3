import type { TestProject } from 'vitest/node';
import { startMysql } from '../fixtures/mysql-server.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { givenProgram } from './given-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    mysqlWithLog: ServerAddress;
    mysqlWithoutLog: ServerAddress;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const program = givenProgram();
  await using started = new AsyncDisposableStack();
  const [withLog, withoutLog] = [await startMysql(program, { binlog: true }), await startMysql(program)];
  for (const server of [withLog, withoutLog]) started.defer(() => server.stop());
  project.provide('mysqlWithLog', withLog.address);
  project.provide('mysqlWithoutLog', withoutLog.address);
  const held = started.move();
  return () => held.disposeAsync();
}
