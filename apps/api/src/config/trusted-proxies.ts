import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type Config } from './config.js';

/** Whether to believe the `X-Forwarded-For` of an address that is so many hops away: of nobody, by default. */
export function trustedProxies({
  trustedProxies: networks,
  proxyHops,
}: Pick<Config, 'trustedProxies' | 'proxyHops'>): (address: string, hop: number) => boolean {
  const ranges = networks.map(rangeOf);
  return (address, hop) =>
    hop < proxyHops ||
    (isIP(address) !== 0 && ranges.some((range) => isWithin(ipaddr.process(address), range)));
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

function rangeOf(network: string): Range {
  if (network.includes('/')) return ipaddr.parseCIDR(network);
  const address = ipaddr.process(network);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isWithin(address: Address, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match(base, bits);
}
