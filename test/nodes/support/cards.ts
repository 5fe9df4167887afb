import {
  AgentKeys,
  type Canonical,
  decodeCanonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  randomBytes,
  toBase64Url,
} from '@musubi/crypto';
import { MAX_LEASE_US, agentRecords, formatCard, nodeRecords } from '@musubi/membership';
import { parseTimestamp } from '@musubi/messaging';
import { NodeIdentity } from '@musubi/network/nodes';

const PREFIX = 'musubi:card/';
const CHECKSUM_BYTES = 4;
const SEED_BYTES = 32;

/** The card with a bit of one signature changed, and a checksum that is right. */
export function forged(card: string, part: 'agent' | 'node'): string {
  const body = fromBase64Url(card.replace(PREFIX, '')).subarray(0, -CHECKSUM_BYTES);
  const [version = 1, ...records] = decodeCanonical(body) as readonly Canonical[];
  const changed = records.map((record, index) =>
    index === ['agent', 'node'].indexOf(part) ? withLastBitChanged(record as Uint8Array) : record,
  );
  const bytes = encodeCanonical([version, ...changed]);
  const checksum = hash('musubi/card/checksum', bytes).subarray(0, CHECKSUM_BYTES);
  return PREFIX + toBase64Url(Buffer.concat([bytes, checksum]));
}

function withLastBitChanged(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1;
  return bytes.map((byte, index) => (index === last ? byte ^ 1 : byte));
}

/** A genuine card of an agent whose node says no address. */
export function unreachable(nowUs: number): { readonly agent: string; readonly card: string } {
  const [identity, keys] = [
    NodeIdentity.fromSeed(randomBytes(SEED_BYTES)),
    AgentKeys.fromSeed(randomBytes(SEED_BYTES)),
  ];
  const dated = {
    seq: 1,
    issued: parseTimestamp(nowUs),
    expires: parseTimestamp(nowUs + MAX_LEASE_US),
    node: identity.key,
  };
  const agent = agentRecords.sign({ agent: keys.agent, tombstone: false, ...dated }, keys);
  const node = nodeRecords.sign({ addresses: [], relays: [], arc: 'full', ...dated }, identity);
  return { agent: keys.agent, card: formatCard({ agent, node }) };
}
