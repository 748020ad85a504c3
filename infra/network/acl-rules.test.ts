import { describe, expect, it } from 'vitest';
import { aclRules, MOST_DATABASES, type AclNetwork, type AclRule, type AclTraffic } from './acl-rules.ts';
import { addressOf, isPrivate, isWithin, overlaps, rangeOf } from './cidr.ts';

const NETWORK: AclNetwork = { cidr: '10.20.0.0/20', nat: 'one', interfaceEndpoints: false };
const SOURCE = { cidr: '10.1.4.0/24', port: 5432 };
const PUBLIC_DESTINATION = { cidr: '203.0.113.16/28', port: 3306 };

function lines(rules: readonly AclRule[]): string[] {
  return rules.map(({ direction, cidr, traffic }) => `${direction} ${cidr} ${ports(traffic)}`);
}

function ports(traffic: AclTraffic): string {
  if (traffic.tag === 'tooLarge') return 'too large';
  const { fromPort, toPort } = traffic;
  return fromPort === toPort ? `${fromPort}` : `${fromPort}-${toPort}`;
}

describe('the network lists', () => {
  it('let the private subnets out to each database and to AWS, and only replies in', () => {
    expect(lines(aclRules(NETWORK, [SOURCE, PUBLIC_DESTINATION]).private)).toEqual([
      'in 0.0.0.0/0 1024-65535',
      'in 0.0.0.0/0 too large',
      'out 0.0.0.0/0 443',
      'out 10.1.4.0/24 5432',
      'out 203.0.113.16/28 3306',
    ]);
  });

  it('let through the NAT subnets only what goes over the Internet', () => {
    expect(lines(aclRules(NETWORK, [SOURCE, PUBLIC_DESTINATION]).public)).toEqual([
      'in 0.0.0.0/0 1024-65535',
      'in 0.0.0.0/0 too large',
      'in 10.20.0.0/20 443',
      'out 0.0.0.0/0 443',
      'out 203.0.113.16/28 3306',
      'out 10.20.0.0/20 1024-65535',
      'out 10.20.0.0/20 too large',
    ]);
  });

  it('need no list for NAT subnets where there are none', () => {
    expect(aclRules({ ...NETWORK, nat: 'none', interfaceEndpoints: true }, [SOURCE]).public).toEqual([]);
  });

  it('let the endpoints of AWS answer within the VPC', () => {
    expect(lines(aclRules({ ...NETWORK, interfaceEndpoints: true }, [SOURCE]).private)).toEqual([
      'in 0.0.0.0/0 1024-65535',
      'in 0.0.0.0/0 too large',
      'in 10.20.0.0/20 443',
      'out 0.0.0.0/0 443',
      'out 10.1.4.0/24 5432',
      'out 10.20.0.0/20 1024-65535',
    ]);
  });

  it('let a database behind an endpoint in the VPC answer', () => {
    expect(lines(aclRules(NETWORK, [{ cidr: '10.20.0.0/20', port: 3306 }]).private)).toEqual([
      'in 0.0.0.0/0 1024-65535',
      'in 0.0.0.0/0 too large',
      'out 0.0.0.0/0 443',
      'out 10.20.0.0/20 3306',
      'out 10.20.0.0/20 1024-65535',
    ]);
  });

  it('let in what a low port of the VPC or beyond NAT needs, because the rule for replies does not', () => {
    const low = [
      { cidr: '10.20.1.0/24', port: 700 },
      { cidr: '203.0.113.0/24', port: 800 },
    ];
    const { private: priv, public: pub } = aclRules(NETWORK, low);
    expect(lines(priv)).toContain('in 10.20.0.0/20 700');
    expect(lines(priv)).not.toContain('in 10.20.0.0/20 800');
    expect(lines(pub)).toContain('in 10.20.0.0/20 800');
  });

  it('name a database of two pipelines once, and fit into the 20 rules that AWS allows', () => {
    const databases = Array.from({ length: MOST_DATABASES }, (_, index) => ({
      cidr: `203.0.${index}.0/24`,
      port: 700,
    }));
    const rules = aclRules({ ...NETWORK, interfaceEndpoints: true }, [...databases, ...databases]);
    for (const list of [rules.private, rules.public]) {
      expect(list.filter(({ direction }) => direction === 'out').length).toBeLessThanOrEqual(20);
      expect(list.filter(({ direction }) => direction === 'in').length).toBeLessThanOrEqual(20);
    }
    expect(rules.private.filter(({ traffic }) => ports(traffic) === '700')).toHaveLength(MOST_DATABASES);
  });
});

describe('address ranges', () => {
  it.each([
    ['10.20.0.0/20', 169_082_880, 169_086_975],
    ['10.20.3.7/20', 169_082_880, 169_086_975],
    ['0.0.0.0/0', 0, 4_294_967_295],
    ['203.0.113.20/32', 3_405_803_796, 3_405_803_796],
  ])('%s', (cidr, first, last) => {
    expect(rangeOf(cidr)).toEqual({ first, last });
  });

  it('are told apart', () => {
    expect(isWithin(rangeOf('10.20.4.0/24'), rangeOf('10.20.0.0/20'))).toBe(true);
    expect(isWithin(rangeOf('10.20.16.0/24'), rangeOf('10.20.0.0/20'))).toBe(false);
    expect(overlaps(rangeOf('10.0.0.0/8'), rangeOf('10.20.0.0/20'))).toBe(true);
    expect(overlaps(rangeOf('10.20.16.0/20'), rangeOf('10.20.0.0/20'))).toBe(false);
  });

  it.each([
    ['10.255.0.0/16', true],
    ['172.31.0.0/16', true],
    ['172.32.0.0/16', false],
    ['100.64.1.0/24', true],
    ['0.0.0.0/0', false],
  ])('%s is private: %s', (cidr, expected) => {
    expect(isPrivate(cidr)).toBe(expected);
  });

  it('a name is no address', () => {
    expect(addressOf('db.example.com')).toBeNull();
    expect(addressOf('300.1.1.1')).toBeNull();
    expect(addressOf('1.2.3.4')).toBe(16_909_060);
  });
});
