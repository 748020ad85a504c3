import type { TypeCase, TypeValue } from '../source-under-test.ts';

/** A type with its values in Oracle's SQL, and the canonical text of column `v` by functions of the server that is asked. */
interface ServerType {
  readonly type: string;
  readonly values: readonly TypeValue[];
  /** Oracle's SQL; written without a look at the connector's. */
  readonly real: string;
  /** PostgreSQL's SQL, on what the tests' database keeps (test/fixtures/oracle-fake/column-types.ts). */
  readonly fake: string;
  /** Not all of it stands in the row. */
  readonly isLarge: boolean;
}

/**
 * The types that a server can hold, with the canonical texts by its own functions. `fake`: the tests' database.
 * `needsKey`: see {@link TypeCase.needsKey}; of large values.
 */
export function oracleTypes(server: 'real' | 'fake', needsKey: string | null): TypeCase[] {
  return [...numbers(), ...texts(), ...bytes(), ...times(), ...others(), ...(server === 'fake' ? newer() : [])].map(
    ({ type, values, real, fake, isLarge }) => ({
      ...{ type, values, canonical: server === 'real' ? real : fake },
      ...(isLarge && needsKey !== null ? { needsKey } : {}),
    }),
  );
}

const EARLY = 'before 1000-01-01';
const misfit = (sql: string, reason: string): TypeValue => ({ sql, misfit: reason });

function of(type: string, real: string, fake: string, ...values: TypeValue[]): ServerType {
  return { type, values, real, fake, isLarge: false };
}

function numbers(): ServerType[] {
  // Oracle leaves out the zero before the point.
  const plain = String.raw`REGEXP_REPLACE(TO_CHAR(v, 'TM9'), '^(-?)\.', '\10.')`;
  const number = (type: string, ...values: TypeValue[]) => of(type, plain, 'TRIM_SCALE(v)::TEXT', ...values);
  const double = (type: string, ...values: TypeValue[]) => ({
    ...of(type, 'TO_CHAR(v)', 'v::FLOAT8::TEXT', ...values),
    isLarge: true,
  });
  const nines = '9'.repeat(38);
  return [
    number('INTEGER', '0', '1', nines, `-${nines}`),
    number('NUMBER(2)', '-99', '99'),
    number('NUMBER(4)', '9999'),
    number('NUMBER(9)', '-999999999'),
    number('NUMBER(18)', '999999999999999999', '9007199254740993'),
    number('NUMBER(19)', '9999999999999999999'),
    number('NUMBER(10,2)', '1.5', '-0.01', '99999999.99', '0', '0.50'),
    number('NUMBER(38,10)', '1234567890123456789012345678.9012345678', '-0.0000000001'),
    number('NUMBER(5,-2)', '1234500', '-100'),
    number('NUMBER(38,-2)', `${nines}00`),
    number('NUMBER(2,4)', '0.0012', '-0.0099'),
    number(
      'NUMBER',
      '0.1',
      '-0.000000000000000000000000000001',
      '12345678901234567890123456789012345.5',
      '100',
      misfit('1234567890'.repeat(4), 'more than 35 digits before the point'),
      misfit('1E125', 'more than 35 digits before the point'),
      misfit('-1.25E125', 'more than 35 digits before the point'),
      misfit('-1E-130', 'more than 30 digits after the point'),
    ),
    number('NUMBER(38,30)', `0.${'0'.repeat(29)}1`, `-12345678.${'1'.repeat(30)}`),
    number(
      'FLOAT',
      '0.5',
      '-123456789.25',
      misfit(`0.${'0'.repeat(30)}1`, 'more than 30 digits after the point'),
      misfit('1E36', 'more than 35 digits before the point'),
    ),
    double(
      'BINARY_DOUBLE',
      '0.1',
      '1.7976931348623157E308D',
      '-1E20',
      '0',
      misfit('BINARY_DOUBLE_NAN', 'not a number'),
    ),
    double('BINARY_FLOAT', '0.1', '3.4028235E38F', '16777216', misfit('BINARY_FLOAT_INFINITY', 'infinity')),
  ];
}

function texts(): ServerType[] {
  const kept = (type: string, ...values: TypeValue[]) => of(type, `v || ''`, 'v::TEXT', ...values);
  const long = (type: string, ...values: TypeValue[]) => ({
    ...of(type, 'v', `CASE WHEN v = E'\\x02' THEN '' ELSE v END`, ...values),
    isLarge: true,
  });
  // Which is NULL.
  const empty = "''";
  const nasty = [
    empty,
    "' '",
    "'it''s'",
    `'tab\t line\n return\r \\ \\N'`,
    "'NULL'",
    "'x  '",
    "'a'', ''b) values ('''",
  ];
  return [
    kept('VARCHAR2(40)', ...nasty, "'ünïcödé'"),
    kept('VARCHAR2(4000)', `'${"'' ".repeat(1300)}'`),
    kept('NVARCHAR2(40)', ...nasty, "N'ünïcödé 🎉 \u2028'", `N'${'🎉'.repeat(20)}'`),
    kept('CHAR(5)', "'ab'", empty, "'abcde'"),
    kept('NCHAR(5)', "N'äb'", empty, "N'🎉'"),
    // Of an update from NULL to NULL the fake's redo tells nothing: they do not stand side by side.
    long('CLOB', "'a'", empty, 'EMPTY_CLOB()', `'${'x'.repeat(3000)}'`, `'${"it''s ".repeat(2000)}'`),
    long('NCLOB', "N'日本 🎉'", `N'${'日'.repeat(5000)}'`),
    { ...kept('LONG', "'a'", `'${'y'.repeat(3000)}'`), isLarge: true },
  ];
}

function bytes(): ServerType[] {
  const hex = ['LOWER(RAWTOHEX(v))', `ENCODE(v, 'hex')`] as const;
  return [
    of('RAW(2000)', ...hex, `HEXTORAW('${'AB'.repeat(2000)}')`),
    of('RAW(20)', ...hex, "HEXTORAW('00FF5C0A0900')", "HEXTORAW('')"),
    { ...of('BLOB', ...hex, "HEXTORAW('00ff')", 'EMPTY_BLOB()', `HEXTORAW('${'AB'.repeat(6000)}')`), isLarge: true },
    { ...of('LONG RAW', ...hex, "HEXTORAW('00ff')"), isLarge: true },
  ];
}

function times(): ServerType[] {
  const seconds = 'YYYY-MM-DD HH24:MI:SS';
  const moment = (type: string, digits: number, ...values: TypeValue[]) =>
    of(
      type,
      `TO_CHAR(v, '${seconds}${digits === 0 ? '' : `.FF${digits}`}')`,
      `TO_CHAR(v, '${seconds}${US[digits] ?? ''}')`,
      ...values,
    );
  return [
    moment(
      'DATE',
      0,
      "DATE '2024-02-29'",
      `TO_DATE('2026-02-28 13:45:59', '${seconds}')`,
      "DATE '1000-01-01'",
      "DATE '9999-12-31'",
      "DATE '1582-10-15'",
      misfit("DATE '0999-12-31'", EARLY),
      misfit("DATE '-0044-03-15'", EARLY),
      misfit("DATE '-4712-01-01'", EARLY),
    ),
    moment('TIMESTAMP(0)', 0, "TIMESTAMP '2026-11-21 12:30:01'"),
    moment('TIMESTAMP(3)', 3, "TIMESTAMP '2026-11-21 12:30:01.120'", misfit("TIMESTAMP '0001-01-01 00:00:00'", EARLY)),
    moment('TIMESTAMP', 6, "TIMESTAMP '2026-11-21 12:30:01.123456'", "TIMESTAMP '9999-12-31 23:59:59.999999'"),
    moment(
      'TIMESTAMP(6) WITH LOCAL TIME ZONE',
      6,
      "TIMESTAMP '2026-11-21 12:30:01.5 +05:30'",
      "TIMESTAMP '2026-03-29 02:30:00 -08:00'",
    ),
    // As texts, with all that they have.
    of(
      'TIMESTAMP(9)',
      `TO_CHAR(v, '${seconds}.FF9')`,
      'v',
      "TIMESTAMP '2026-11-21 12:30:01.123456789'",
      "TIMESTAMP '0001-01-01 00:00:00'",
      "TIMESTAMP '9999-12-31 23:59:59.999999999'",
    ),
    of('TIMESTAMP(7)', `TO_CHAR(v, '${seconds}.FF7')`, 'v', "TIMESTAMP '2026-11-21 12:30:01.1234567'"),
    zoned(
      'TIMESTAMP(6) WITH TIME ZONE',
      `${seconds}.FF6`,
      "TIMESTAMP '2026-03-29 01:30:00.500000 -03:30'",
      "TIMESTAMP '2026-11-21 12:30:01 Europe/Berlin'",
      "TIMESTAMP '2026-11-21 12:30:01 Asia/Kathmandu'",
      "TIMESTAMP '9999-12-31 23:59:59.999999 -12:59'",
    ),
    zoned('TIMESTAMP(0) WITH TIME ZONE', seconds, "TIMESTAMP '2026-11-21 12:30:01 +14:00'"),
    zoned('TIMESTAMP(9) WITH TIME ZONE', `${seconds}.FF9`, "TIMESTAMP '2026-11-21 12:30:01.000000001 +00:00'"),
  ];
}

/** PostgreSQL's formats for fractions. */
const US: Readonly<Record<number, string>> = { 3: '.MS', 6: '.US' };

function zoned(type: string, format: string, ...values: TypeValue[]): ServerType {
  return of(type, `TO_CHAR(v, '${format} TZH:TZM')`, 'v', ...values);
}

function others(): ServerType[] {
  return [
    of('INTERVAL YEAR TO MONTH', 'TO_CHAR(v)', 'v', "INTERVAL '2-3' YEAR TO MONTH", "INTERVAL '-99-11' YEAR TO MONTH"),
    of(
      'INTERVAL DAY(3) TO SECOND(2)',
      'TO_CHAR(v)',
      'v',
      "INTERVAL '5 10:20:30.25' DAY TO SECOND",
      "INTERVAL '-999 00:00:00' DAY(3) TO SECOND",
    ),
    of('INTERVAL YEAR(9) TO MONTH', 'TO_CHAR(v)', 'v', "INTERVAL '-999999999-11' YEAR(9) TO MONTH"),
    of(
      'INTERVAL DAY(9) TO SECOND(9)',
      'TO_CHAR(v)',
      'v',
      "INTERVAL '999999999 23:59:59.999999999' DAY(9) TO SECOND(9)",
      "INTERVAL '-0 00:00:00.000000001' DAY TO SECOND(9)",
    ),
    { ...of('UROWID', 'CAST(v AS VARCHAR2(4000))', 'v', "'*BAEAAEkCwQL+'"), isLarge: true },
    of('ROWID', 'ROWIDTOCHAR(v)', 'v', "'AAASd7AAHAAAAFrAAB'"),
    { ...of('XMLTYPE', 'XMLSERIALIZE(CONTENT v AS CLOB)', 'v', `'<a b="1">é</a>'`), isLarge: true },
  ];
}

/** Of 21c and 23ai: a real server may be older. */
function newer(): ServerType[] {
  const truth = `CASE WHEN v THEN '1' WHEN NOT v THEN '0' END`;
  return [
    { ...of('BOOLEAN', truth, truth, 'TRUE', 'FALSE'), isLarge: true },
    { ...of('JSON', 'JSON_SERIALIZE(v RETURNING CLOB)', 'v', `'{"a":[1,"é"]}'`), isLarge: true },
  ];
}
