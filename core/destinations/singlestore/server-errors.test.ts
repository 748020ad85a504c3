import { expect, test } from 'vitest';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { columnIn, serverError } from './server-errors.ts';

const PLACE = { doing: 'merging public.t', table: 'public.t', columns: ['id', 'card', "what's"] };

function driverError(errno: number, sqlMessage: string, rest: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(sqlMessage), {
    errno,
    code: `ER_${errno}`,
    sqlMessage,
    sql: 'SELECT secret',
    ...rest,
  });
}

test('numbers of the server become our codes', () => {
  const expected: Record<number, string> = {
    1205: 'PS4010',
    1213: 'PS4010',
    1020: 'PS4010',
    2006: 'PS4009',
    2013: 'PS4009',
    1053: 'PS4009',
    1927: 'PS4009',
    1045: 'PS4002',
    1142: 'PS4003',
    1062: 'PS4004',
    1406: 'PS4004',
    1040: 'PS4001',
    1146: 'PS4007',
    1054: 'PS4007',
    9999: 'PS4008',
  };
  for (const [number, code] of Object.entries(expected)) {
    const error = serverError(driverError(Number(number), 'x'), PLACE);
    expect([number, error instanceof PenstockError ? error.code : error]).toEqual([number, code]);
  }
  const staging = driverError(1146, "Table 'shop.t__staging' doesn't exist");
  expect(hasCode(serverError(staging, PLACE), 'PS4008')).toBe(true);
  expect(hasCode(serverError(driverError(1146, 'x'), { ...PLACE, table: null }), 'PS4008')).toBe(true);
  const lost = Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
  expect(hasCode(serverError(lost, PLACE), 'PS4009')).toBe(true);
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111, fatal: true });
  expect(hasCode(serverError(refused, PLACE), 'PS4001')).toBe(true);
});

test('no value, no statement and no cause gets into an error', () => {
  const messages: [number, string][] = [
    [1366, "Incorrect integer value: '4111-1111' for column `d`.`t`.`card` at row 3"],
    [1062, "Duplicate entry '4111-1111' for key 'PRIMARY'"],
    [1292, "Truncated incorrect DOUBLE value: '4111-1111'"],
    [1064, "You have an error in your SQL syntax near '4111-1111' at line 1"],
    [1644, '4111-1111'],
  ];
  for (const [number, message] of messages) {
    const error = serverError(driverError(number, message), PLACE) as PenstockError;
    expect(error).toBeInstanceOf(PenstockError);
    expect(`${error.message}${error.remedy}${error.stack ?? ''}`).not.toMatch(/4111|SELECT secret/);
    expect(error.cause).toBeUndefined();
  }
});

test('a column is named only if it is one of the table', () => {
  expect(columnIn("Data truncated for column 'card' at row 1", PLACE.columns)).toBe('card');
  expect(columnIn("Incorrect integer value: 'x' for column `d`.`t`.`CARD` at row 1", PLACE.columns)).toBe('card');
  expect(columnIn("Column set to default value; NULL supplied to NOT NULL column 'id' at row 1", PLACE.columns)).toBe(
    'id',
  );
  expect(columnIn("Column 'id' cannot be null", PLACE.columns)).toBe('id');
  expect(columnIn("Incorrect value: 'for column `id`' for column `d`.`t`.`other` at row 1", PLACE.columns)).toBeNull();
  expect(columnIn("Duplicate entry 'card' for key 'PRIMARY'", PLACE.columns)).toBeNull();
});

test('other errors pass as they are', () => {
  const own = new PenstockError('PS3001', 'damaged');
  const plain = new TypeError('bug');
  expect(serverError(own, PLACE)).toBe(own);
  expect(serverError(plain, PLACE)).toBe(plain);
});
