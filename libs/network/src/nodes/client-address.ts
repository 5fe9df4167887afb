import { type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address of the one who sent a request, through proxies that are believed.
 * @param trusts whether to believe what an address so many hops away says of the one before it
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  trusts: (address: string, hop: number) => boolean,
): string {
  const header = headers['x-forwarded-for'];
  const told = String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .reverse();
  let address = socket.remoteAddress ?? '';
  for (const [hop, before] of told.entries()) {
    if (!trusts(address, hop) || isIP(before) === 0) break;
    address = before;
  }
  return address;
}
