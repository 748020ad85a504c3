import { expect, it } from 'vitest';
import { behindCommit, behindScn, commitOrder, lateOrder } from './mined-place.ts';
import { orderText } from './order-text.ts';

const ADDRESS = { rsId: '0x00002f.000000a1.0010', ssn: 3 };
const COMMIT = { orderScn: '2847113', thread: 2, address: ADDRESS, key: '3:12.5.991' };

it('tells a commit by what its server and its logs call it', () => {
  const text = 'SCN 2847113, thread 2, RS_ID 0x00002f.000000a1.0010, transaction 12.5.991 in container 3';
  expect(orderText(commitOrder(COMMIT))).toBe(text);
  expect(orderText(behindCommit(commitOrder(COMMIT)))).toBe(text);
  const late = lateOrder(behindCommit(commitOrder(COMMIT)));
  expect(orderText(late)).toBe(`${text}, surfaced late (1)`);
  expect(orderText(behindCommit(lateOrder(behindCommit(late))))).toBe(`${text}, surfaced late (2)`);
});

it('tells what has no address or no container, and an SCN as a whole', () => {
  expect(orderText(commitOrder({ ...COMMIT, address: null, key: '0:12.5.991' }))).toBe(
    'SCN 2847113, thread 2, transaction 12.5.991',
  );
  expect(orderText(behindScn('2847113'))).toBe('SCN 2847113');
  expect(orderText(lateOrder(behindScn('2847113')))).toBe('SCN 2847113, surfaced late (1)');
});

it.each(['00000000016B3748', '000012/00000345', 'chunk 3 of a copy', ''])('leaves %j to others', (order) => {
  expect(orderText(order)).toBeNull();
});
