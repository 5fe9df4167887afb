import { type NodeKey, parseNodeKey } from '@musubi/network/nodes';

/** A node that this one asks for others. */
export interface BootstrapNode {
  /** A URL by a carrier's scheme, such as `tcp://192.0.2.1:4040`. */
  readonly address: string;
  /** `null`: any node that answers there is asked. It can tell nothing that others have not signed. */
  readonly node: NodeKey | null;
}

/**
 * `tcp://host:port` or `wss://host`, or `tcp://KEY@host:port` with the key that the node there must show.
 * @throws TypeError for anything else; the message holds nothing of the text
 */
export function parseBootstrap(text: string): BootstrapNode {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '' || !hasPort(url) || url.password !== '')
    throw new TypeError('expected an address such as tcp://host:port or tcp://KEY@host:port');
  const address = `${url.protocol}//${url.host}`;
  return { address, node: url.username === '' ? null : parseNodeKey(url.username) };
}

/** HTTPS has a usual one, which a URL does not keep. */
function hasPort({ port, protocol }: URL): boolean {
  return port !== '' || protocol === 'wss:';
}
