import { plain } from './bound-values.ts';
import type { SessionStatement } from './session.ts';
import type { SqlText } from './sql-text.ts';

// SYYYY: with YYYY a year before Christ would be printed as the one after him that has the same number.
const DATE = 'SYYYY-MM-DD HH24:MI:SS';

const TEXTS: { readonly [Tag in SessionStatement['tag']]: string } = {
  setFormats: `ALTER SESSION SET NLS_DATE_FORMAT='${DATE}' NLS_TIMESTAMP_FORMAT='${DATE}.FF9' NLS_TIMESTAMP_TZ_FORMAT='${DATE}.FF9 TZH:TZM' NLS_NUMERIC_CHARACTERS='.,' NLS_CALENDAR='GREGORIAN' NLS_COMP='BINARY' NLS_SORT='BINARY'`,
  setZone: `ALTER SESSION SET TIME_ZONE='00:00'`,
  setRoot: `ALTER SESSION SET CONTAINER = CDB$ROOT`,
};

export function sessionSql({ tag }: SessionStatement): SqlText {
  return plain(TEXTS[tag]);
}
