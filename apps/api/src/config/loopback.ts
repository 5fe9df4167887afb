import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const LOOPBACK = 'loopback';

/** Whether only this machine reaches that host: a loopback address, or the name that every machine has for itself. */
export function isLoopback(host: string): boolean {
  const name = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(name) === 0) return name === 'localhost' || name.endsWith('.localhost');
  return ipaddr.process(name).range() === LOOPBACK;
}
