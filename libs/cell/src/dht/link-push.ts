import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import { parseAgentPubKey } from '@musubi/messaging';
import { type Signal } from '@musubi/network';
import { entryHash } from '../chain/action.js';
import { parseHash } from '../chain/hash.js';
import { type DhtLink } from './dht-link.js';

/** What authorities push to the watchers of a base when they have integrated a link: the link, with its entry. */
export function linkPush({ author, seq, target, tag, body }: DhtLink): Signal {
  const link = { type: 'link', author, seq: String(seq), target, tag: toBase64Url(tag) };
  return body === null ? link : { ...link, body: toBase64Url(body) };
}

/** The link of a push; `null` where it comes without its entry, or with another: then the base is to be read. */
export function linkOfPush(signal: Signal): DhtLink | null {
  const { author = '', seq = '', target = '', tag = '', body } = signal;
  if (signal['type'] !== 'link' || body === undefined) return null;
  const bytes = fromBase64Url(body);
  if (entryHash(bytes) !== target) return null;
  const place = { author: parseAgentPubKey(author), seq: Number(seq), target: parseHash(target) };
  return { ...place, tag: fromBase64Url(tag), body: bytes };
}
