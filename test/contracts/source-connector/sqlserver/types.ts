import type { TypeCase, TypeValue } from '../source-under-test.ts';

/** A type with its values in T-SQL, and the canonical text of column `v` by functions of the server that is asked. */
interface ServerType {
  readonly type: string;
  readonly values: readonly TypeValue[];
  /** T-SQL; written without a look at the connector's. */
  readonly real: string;
  /** PostgreSQL's SQL; null: PostgreSQL has no type that holds these values as they are (the type matrix has it: type-matrix.test.ts). */
  readonly fake: string | null;
  /** Stored beside the row. */
  readonly isLarge: boolean;
}

/**
 * The types that a server can hold, with the canonical texts by its own functions. `fake`: the tests' database.
 * `needsKey`: see {@link TypeCase.needsKey}; of large values.
 */
export function sqlserverTypes(server: 'real' | 'fake', needsKey: string | null): TypeCase[] {
  return serverTypes().flatMap(({ type, values, real, fake, isLarge }) => {
    const canonical = server === 'real' ? real : fake;
    if (canonical === null) return [];
    return [{ type, values, canonical, ...(isLarge && needsKey !== null ? { needsKey } : {}) }];
  });
}

const EARLY = 'before 1000-01-01';
const misfit = (sql: string, reason: string): TypeValue => ({ sql, misfit: reason });

function serverTypes(): ServerType[] {
  return [...numbers(), ...texts(), ...bytes(), ...times(), ...others()];
}

function numbers(): ServerType[] {
  const whole = (type: string, ...values: string[]) => of(type, 'CAST(v AS varchar(20))', 'v::text', ...values);
  const exact = (type: string, ...values: TypeValue[]) => of(type, 'CAST(v AS varchar(41))', 'v::text', ...values);
  // A number of 17 digits is read back as the same double; of real first the double that it is.
  const double = "FORMAT(CAST(v AS float), N'R', N'en-US')";
  return [
    whole('TINYINT', '0', '255'),
    whole('SMALLINT', '-32768', '32767'),
    whole('INT', '-2147483648', '2147483647', '0'),
    whole('BIGINT', '-9223372036854775808', '9223372036854775807', '9007199254740993'),
    of('BIT', 'CAST(v AS varchar(1))', 'v::int::text', "'1'", "'0'"),
    exact('DECIMAL(10,2)', '1.5', '-0.01', '99999999.99', '0'),
    exact('DECIMAL(38,10)', '1234567890123456789012345678.9012345678', '-0.0000000001'),
    exact('NUMERIC(38,0)', '9'.repeat(38), `-${'9'.repeat(38)}`),
    of(
      'DECIMAL(38,38)',
      'CAST(CAST(v AS decimal(30,30)) AS varchar(41))',
      'v::numeric(65,30)::text',
      `-0.${'9'.repeat(30)}00000000`,
      misfit(`0.${'0'.repeat(37)}1`, 'more than 30 digits after the point'),
    ),
    of(
      'MONEY',
      'CAST(CAST(v AS decimal(19,4)) AS varchar(30))',
      'v::text',
      ...['-922337203685477.5808', '922337203685477.5807', '0.0001', '0'],
    ),
    of('SMALLMONEY', 'CAST(CAST(v AS decimal(10,4)) AS varchar(30))', 'v::text', '-214748.3648', '214748.3647'),
    of('FLOAT', double, 'v::text', '0.1', '1.7976931348623157E308', '2.2250738585072014E-308', '-1E20', '0'),
    of('REAL', double, 'v::float8::text', '0.1', '3.4028235E38', '16777216', '1.17549435E-38'),
  ];
}

function texts(): ServerType[] {
  // Spaces at the end are kept, also by LTRIM.
  const kept = (type: string, ...values: string[]) => of(type, "CONCAT(v, N'')", 'v::text', ...values);
  const long = (type: string, ...values: string[]) => ({ ...kept(type, ...values), isLarge: true });
  const nasty = ["''", "' '", "'it''s'", `'tab\t line\n return\r \\ \\N'`, "'NULL'", "'x  '"];
  return [
    kept('VARCHAR(40)', ...nasty),
    kept('NVARCHAR(40)', ...nasty, "N'ünïcödé 🎉 \u2028'", `N'${'🎉'.repeat(20)}'`),
    of('CHAR(5)', "CONCAT(v, N'')", 'rpad(v::text, 5)', "'ab'", "''", "'abcde'"),
    of('NCHAR(5)', "CONCAT(v, N'')", 'rpad(v::text, 5)', "N'äb'", "N''"),
    long('VARCHAR(MAX)', "''", "'a'", `'${'x'.repeat(100_000)}'`),
    long('NVARCHAR(MAX)', "N''", "N'日本 🎉'", `N'${'日'.repeat(20_000)}'`),
    { ...of('TEXT', 'CAST(v AS nvarchar(max))', null, "''", "'a'"), isLarge: true },
    { ...of('NTEXT', 'CAST(v AS nvarchar(max))', null, "N''", "N'日本 🎉'"), isLarge: true },
  ];
}

function bytes(): ServerType[] {
  const hex = ['LOWER(CONVERT(varchar(max), CAST(v AS varbinary(max)), 2))', `encode(v, 'hex')`] as const;
  return [
    of('BINARY(5)', ...hex, '0x00FF00090A'),
    of('VARBINARY(20)', ...hex, '0x', '0x00FF5C0A0900'),
    { ...of('VARBINARY(MAX)', ...hex, '0x', `0x${'AB'.repeat(50_000)}`), isLarge: true },
    { ...of('IMAGE', hex[0], null, '0x00FF'), isLarge: true },
  ];
}

function times(): ServerType[] {
  /** Formats of .NET and of PostgreSQL. */
  const moment = (type: string, real: string, fake: string | null, ...values: TypeValue[]) =>
    of(type, `FORMAT(CAST(v AS datetime2(7)), N'${real}')`, fake === null ? null : `to_char(v, '${fake}')`, ...values);
  const [seconds, fakeSeconds] = ['yyyy-MM-dd HH:mm:ss', 'YYYY-MM-DD HH24:MI:SS'];
  const zoned = `FORMAT(v, N'${seconds}.fffffff zzz')`;
  return [
    moment(
      'DATE',
      'yyyy-MM-dd',
      'YYYY-MM-DD',
      "'2024-02-29'",
      "'1000-01-01'",
      "'9999-12-31'",
      misfit("'0999-12-31'", EARLY),
    ),
    moment(
      'DATETIME',
      `${seconds}.fff`,
      `${fakeSeconds}.MS`,
      ...["'1753-01-01T00:00:00'", "'9999-12-31T23:59:59.997'", "'2026-11-21T12:30:00.003'"],
    ),
    moment('SMALLDATETIME', seconds, fakeSeconds, "'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'"),
    moment('DATETIME2(0)', seconds, fakeSeconds, "'2026-11-21T12:30:01'"),
    moment(
      'DATETIME2(3)',
      `${seconds}.fff`,
      `${fakeSeconds}.MS`,
      "'2026-11-21T12:30:01.120'",
      misfit("'0001-01-01T00:00:00'", EARLY),
    ),
    moment(
      'DATETIME2(6)',
      `${seconds}.ffffff`,
      `${fakeSeconds}.US`,
      "'2026-11-21T12:30:01.123456'",
      "'9999-12-31T23:59:59.999999'",
      misfit("'0999-12-31T23:59:59.999999'", EARLY),
    ),
    moment('DATETIME2(7)', `${seconds}.fffffff`, null, "'0001-01-01T00:00:00'", "'9999-12-31T23:59:59.9999999'"),
    moment('TIME(0)', 'HH:mm:ss', 'HH24:MI:SS', "'00:00:00'", "'23:59:59'"),
    moment('TIME(3)', 'HH:mm:ss.fff', 'HH24:MI:SS.MS', "'12:30:00.001'"),
    moment('TIME(6)', 'HH:mm:ss.ffffff', 'HH24:MI:SS.US', "'23:59:59.999999'"),
    moment('TIME(7)', 'HH:mm:ss.fffffff', null, "'23:59:59.9999999'"),
    of('DATETIMEOFFSET(7)', zoned, null, "'0001-01-01T00:00:00+00:00'", "'2026-11-21T12:30:00.1234567+05:30'"),
    // PostgreSQL keeps no offset; of a moment in UTC none is lost.
    of(
      'DATETIMEOFFSET(6)',
      zoned.replace('fffffff', 'ffffff'),
      `to_char(v, '${fakeSeconds}.US +00:00')`,
      "'2026-11-21T12:30:00.123456+00:00'",
      "'0999-12-31T23:59:59+00:00'",
    ),
    of(
      'DATETIMEOFFSET(0)',
      zoned.replace('.fffffff', ''),
      `to_char(v, '${fakeSeconds} +00:00')`,
      "'2026-11-21T12:30:00+00:00'",
    ),
  ];
}

function others(): ServerType[] {
  const spatial = (type: string, srid: number) => ({
    ...of(
      type,
      'CONVERT(varchar(max), CAST(v.STSrid AS binary(4)) + v.STAsBinary(), 2)',
      null,
      `${type.toLowerCase()}::Point(1, 2, ${srid})`,
    ),
    isLarge: true,
  });
  return [
    of(
      'UNIQUEIDENTIFIER',
      'UPPER(CAST(v AS char(36)))',
      'upper(v::text)',
      "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
      "'00000000-0000-0000-0000-000000000000'",
    ),
    { ...of('XML', 'CAST(v AS nvarchar(max))', null, `N'<a b="1">é</a>'`, "N''"), isLarge: true },
    of('HIERARCHYID', 'CAST(v AS nvarchar(4000))', null, "'/'", "'/1/2.5/-3/'"),
    of(
      'SQL_VARIANT',
      `CAST(SQL_VARIANT_PROPERTY(v, 'BaseType') AS nvarchar(128)) + N':' + CAST(v AS nvarchar(4000))`,
      null,
      ...['1', "N'1'", 'CAST(1.50 AS decimal(5,2))'],
    ),
    spatial('GEOGRAPHY', 4326),
    spatial('GEOMETRY', 0),
  ];
}

function of(type: string, real: string, fake: string | null, ...values: TypeValue[]): ServerType {
  return { type, values, real, fake, isLarge: false };
}
