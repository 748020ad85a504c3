import { describe, expect, it } from 'vitest';
import { allowList } from './allow-list.ts';

function isAllowed(ranges: readonly string[], address: string): boolean {
  try {
    allowList(ranges).refuse(address);
    return true;
  } catch {
    return false;
  }
}

describe('the allow-list', () => {
  const ranges = ['198.51.100.0/24', '203.0.113.7', '2001:db8:1::/48'];

  it.each([
    ['198.51.100.0', true],
    ['198.51.100.255', true],
    ['198.51.101.0', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    // As an IPv6 socket sees an IPv4 address.
    ['::ffff:198.51.100.9', true],
    ['::ffff:198.51.101.9', false],
    ['2001:db8:1:ffff::1', true],
    ['2001:db8:2::1', false],
    ['', false],
    ['unknown', false],
    ['198.51.100.9, 203.0.113.1', false],
  ])('%s: %s', (address, expected) => {
    expect(isAllowed(ranges, address)).toBe(expected);
  });

  it('lets everybody in where it is empty', () => {
    expect(isAllowed([], '192.0.2.1')).toBe(true);
  });

  it.each(['198.51.100.0/33', '2001:db8::/129', 'example.com', '198.51.100.0/', '198.51.100.0/-1', ''])(
    'refuses %j, which is no range',
    (range) => {
      expect(() => allowList([range])).toThrow(/PS1001.*no address range/);
    },
  );
});
