/** Which server is under test: what it can do, and which words it takes, goes by that. */
export interface MysqlRelease {
  readonly product: 'MariaDB' | 'MySQL';
  /** `[8, 0]`. */
  readonly version: readonly [major: number, minor: number];
}

export const MARIADB: MysqlRelease = { product: 'MariaDB', version: [10, 11] };

/** Whether it is a MySQL of this version or a newer one. */
export function isMysqlFrom({ product, version }: MysqlRelease, major: number, minor: number): boolean {
  return product === 'MySQL' && (version[0] > major || (version[0] === major && version[1] >= minor));
}

/** MySQL 5.7: its log has no names, its TRUNCATE leaves no trace for older views. */
export function isOldMysql(release: MysqlRelease): boolean {
  return release.product === 'MySQL' && !isMysqlFrom(release, 8, 0);
}

/** SQL that was renamed when `master` went out of use. */
export function logWords(release: MysqlRelease): { readonly status: string; readonly reset: string } {
  return isMysqlFrom(release, 8, 2)
    ? { status: 'SHOW BINARY LOG STATUS', reset: 'RESET BINARY LOGS AND GTIDS' }
    : { status: 'SHOW MASTER STATUS', reset: 'RESET MASTER' };
}
