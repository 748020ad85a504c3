import { BlockList, isIP, isIPv4 } from 'node:net';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import { ApiError } from '../api/problems/api-error.ts';

/** An IPv4 address as an IPv6 socket sees it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Who may use the console at all, by address. */
export interface AllowList {
  /** @throws ApiError 403 */
  refuse(address: string): void;
}

/** `ranges`: CIDR ranges or single addresses, IPv4 and IPv6; none: everybody. @throws PenstockError PS1001 about a range that is none */
export function allowList(ranges: readonly string[]): AllowList {
  const allowed = new BlockList();
  for (const range of ranges) add(allowed, range);
  return {
    refuse(address) {
      if (ranges.length === 0 || isWithin(allowed, address)) return;
      throw new ApiError(403, `the console is not used from ${isIP(address) === 0 ? 'an unknown address' : address}`, {
        remedy: "Ask for your network's address range to be added to the console's allow-list.",
      });
    },
  };
}

function add(allowed: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  const isGood = isIP(address) !== 0 && /^\d{1,3}$/.test(prefix ?? `${bits}`) && length <= bits;
  if (!isGood) throw new PenstockError('PS1001', `allow-list: ${range} is no address range such as 203.0.113.0/24`);
  allowed.addSubnet(address, length, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function isWithin(allowed: BlockList, address: string): boolean {
  const plain = MAPPED.exec(address)?.[1] ?? address;
  const family = isIP(plain);
  return family !== 0 && allowed.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
