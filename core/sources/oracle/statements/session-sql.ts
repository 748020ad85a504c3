import { plain } from './bound-values.ts';
import type { SessionStatement } from './session.ts';
import type { SqlText } from './sql-text.ts';

const TEXTS: { readonly [Tag in SessionStatement['tag']]: string } = {
  setFormats: `ALTER SESSION SET NLS_DATE_FORMAT='YYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT='YYYY-MM-DD HH24:MI:SS.FF9' NLS_TIMESTAMP_TZ_FORMAT='YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM' NLS_NUMERIC_CHARACTERS='.,' NLS_COMP='BINARY' NLS_SORT='BINARY'`,
  setZone: `ALTER SESSION SET TIME_ZONE='00:00'`,
  setRoot: `ALTER SESSION SET CONTAINER = CDB$ROOT`,
};

export function sessionSql({ tag }: SessionStatement): SqlText {
  return plain(TEXTS[tag]);
}
