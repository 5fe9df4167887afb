import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type Needle, NeedleFinder } from './needle-finder.js';

/** Finds agents by their keys, anywhere in some bytes: as they are, as base64url, or as hexadecimal digits. */
export function keyFinder(agents: readonly AgentPubKey[]): NeedleFinder<number> {
  return new NeedleFinder(agents.flatMap(spellingsOf));
}

function spellingsOf(key: AgentPubKey, agent: number): readonly Needle<number>[] {
  const bytes = Buffer.from(fromBase64Url(key));
  const spellings = [bytes, Buffer.from(key), Buffer.from(bytes.toString('hex'))];
  return spellings.map((spelling) => ({ of: agent, bytes: spelling }));
}
