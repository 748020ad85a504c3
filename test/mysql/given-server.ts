import { execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';
import type { MysqlRelease } from '../contracts/source-connector/mysql/release.ts';
import type { MysqlProgram } from '../fixtures/mysql-server.ts';

export const HOW_TO_SAY_IT = 'MYSQLD=/folder/of/mysql/bin/mysqld';

/** @throws Error that says what is wrong with the program */
export function programAt(path: string): MysqlProgram {
  if (!isAbsolute(path)) throw new Error(`MYSQLD is ${path}, not the whole path of a program`);
  return { path, release: releaseOf(execFileSync(path, ['--no-defaults', '--version'], { encoding: 'utf8' })) };
}

/** From what `mysqld --version` prints. */
export function releaseOf(text: string): readonly [major: number, minor: number] {
  const found = /\bVer (\d+)\.(\d+)\./.exec(text);
  if (found === null || /mariadb/i.test(text)) throw new Error(`MYSQLD is no MySQL server: ${text.trim()}`);
  return [Number(found[1]), Number(found[2])];
}

/** What MYSQLD names; scripts/test-mysql.mjs sees to it that it is there. */
export function givenProgram(): MysqlProgram {
  return programAt(process.env['MYSQLD'] ?? '');
}

export function givenRelease(): MysqlRelease {
  return { product: 'MySQL', version: givenProgram().release };
}
