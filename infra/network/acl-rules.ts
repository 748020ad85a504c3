import { isPrivate, isWithin, rangeOf } from './cidr.ts';

export type AclTraffic =
  | { readonly tag: 'tcp'; readonly fromPort: number; readonly toPort: number }
  /** ICMP "fragmentation needed": without it, packets that are too large for a VPN vanish without a word. */
  | { readonly tag: 'tooLarge' };

/** What the network's lists let through, over IPv4; everything else is denied. */
export interface AclRule {
  readonly direction: 'in' | 'out';
  readonly cidr: string;
  readonly traffic: AclTraffic;
  /** Why it is there, as a name of letters and digits. */
  readonly reason: string;
}

export interface AclRules {
  /** Of the subnets that tasks and functions run in. */
  readonly private: readonly AclRule[];
  /** Of the subnets that only NAT gateways are in; empty without NAT. */
  readonly public: readonly AclRule[];
}

export interface AclNetwork {
  readonly cidr: string;
  readonly nat: 'none' | 'one' | 'perZone';
  readonly interfaceEndpoints: boolean;
}

export interface ReachableDatabase {
  readonly cidr: string;
  readonly port: number;
}

const HTTPS = 443;
/** Where replies arrive: Linux uses 32768 to 60999, NAT gateways 1024 to 65535. */
const REPLIES = { tag: 'tcp', fromPort: 1024, toPort: 65_535 } as const;
const TOO_LARGE = { tag: 'tooLarge' } as const;
const ANYWHERE = '0.0.0.0/0';

/** Rules of a list and direction that AWS allows without a raised quota, less the fixed ones. */
export const MOST_DATABASES = 16;

/**
 * The lists of the seed ("Recommended Network ACL Rules for EC2"): out to the databases and nothing else, and nothing in.
 * Of the seed's inbound rules none is needed: nobody logs in to a task, and there is no page on port 80.
 * Besides the seed: AWS's own services (443), and replies and reports of packets too large, because these lists know no connections.
 * DNS and time of the VPC are not filtered by these lists.
 */
export function aclRules(network: AclNetwork, databases: readonly ReachableDatabase[]): AclRules {
  const distinct = distinctDatabases(databases);
  const own = rangeOf(network.cidr);
  const inside = distinct.filter(({ cidr }) => isWithin(rangeOf(cidr), own));
  const hasOwnServers = network.interfaceEndpoints || inside.length > 0;
  const out = (cidr: string, port: number, reason: string): AclRule => rule('out', cidr, port, reason);
  const priv: AclRule[] = [
    { direction: 'in', cidr: ANYWHERE, traffic: REPLIES, reason: 'Replies' },
    { direction: 'in', cidr: ANYWHERE, traffic: TOO_LARGE, reason: 'TooLarge' },
    ...(network.interfaceEndpoints ? [rule('in', network.cidr, HTTPS, 'Endpoints')] : []),
    ...inside.filter(isBelowReplies).map(({ port }) => rule('in', network.cidr, port, `Database${port}`)),
    out(ANYWHERE, HTTPS, 'AwsOverTls'),
    ...distinct.map(({ cidr, port }) => out(cidr, port, `Database${port}`)),
    ...(hasOwnServers
      ? [{ direction: 'out', cidr: network.cidr, traffic: REPLIES, reason: 'RepliesOfEndpoints' } as const]
      : []),
  ];
  if (network.nat === 'none') return { private: unique(priv), public: [] };
  const beyond = distinct.filter(({ cidr }) => !isPrivate(cidr));
  const pub: AclRule[] = [
    { direction: 'in', cidr: ANYWHERE, traffic: REPLIES, reason: 'Replies' },
    { direction: 'in', cidr: ANYWHERE, traffic: TOO_LARGE, reason: 'TooLarge' },
    rule('in', network.cidr, HTTPS, 'AwsOverTls'),
    out(ANYWHERE, HTTPS, 'AwsOverTls'),
    ...beyond.map(({ cidr, port }) => out(cidr, port, `Database${port}`)),
    { direction: 'out', cidr: network.cidr, traffic: REPLIES, reason: 'RepliesToTasks' },
    { direction: 'out', cidr: network.cidr, traffic: TOO_LARGE, reason: 'TooLarge' },
  ];
  pub.push(...beyond.filter(isBelowReplies).map(({ port }) => rule('in', network.cidr, port, `Database${port}`)));
  return { private: unique(priv), public: unique(pub) };
}

export function distinctDatabases(databases: readonly ReachableDatabase[]): ReachableDatabase[] {
  return [...new Map(databases.map((database) => [`${database.cidr}:${database.port}`, database])).values()];
}

/** Whether the rule for replies does not let this port in already. */
function isBelowReplies({ port }: ReachableDatabase): boolean {
  return port < REPLIES.fromPort;
}

function rule(direction: 'in' | 'out', cidr: string, port: number, reason: string): AclRule {
  return { direction, cidr, traffic: { tag: 'tcp', fromPort: port, toPort: port }, reason };
}

/** A rule that another one says word for word is left out. */
function unique(rules: readonly AclRule[]): AclRule[] {
  return [
    ...new Map(rules.map((one) => [JSON.stringify([one.direction, one.cidr, one.traffic]), one] as const)).values(),
  ];
}
