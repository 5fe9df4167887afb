import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What one household, host or attacker is given of IPv6, in bits: it can take any address within. */
const IPV6_PREFIX_BITS = 64;

/**
 * The name under which requests of an address are counted: IPv4 as it is, also where IPv6 wraps it, and of IPv6 the
 * network. What is no address is counted under its own name.
 */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const bytes = parsed.toByteArray().map((byte, index) => (index < IPV6_PREFIX_BITS / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${IPV6_PREFIX_BITS}`;
}
