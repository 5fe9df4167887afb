import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';

interface Needle {
  readonly agent: number;
  readonly spelling: Buffer;
}

/** The shortest spelling of a key: its 32 bytes. */
const KEY_BYTES = 32;

/**
 * Finds which agents' keys occur in some bytes, anywhere: as they are, as base64url, or as hexadecimal digits. Most
 * places are passed over by their first two bytes, nearly all others by their first four.
 */
export class KeyFinder {
  private readonly begins = new Uint8Array(65_536);
  private readonly needles = new Map<number, Needle[]>();

  constructor(agents: readonly AgentPubKey[]) {
    agents.forEach((key, agent) => {
      const bytes = Buffer.from(fromBase64Url(key));
      const spellings = [bytes, Buffer.from(key), Buffer.from(bytes.toString('hex'))];
      for (const spelling of spellings) this.add({ agent, spelling });
    });
  }

  /** The agents' indexes, each once. */
  find(bytes: Uint8Array): readonly number[] {
    const found = new Set<number>();
    for (let at = 0; at + KEY_BYTES <= bytes.length; at += 1) {
      if (this.begins[pairAt(bytes, at)] === 1) this.match(bytes, at, found);
    }
    return [...found];
  }

  private match(bytes: Uint8Array, at: number, found: Set<number>): void {
    for (const { agent, spelling } of this.needles.get(startAt(bytes, at)) ?? []) {
      if (spelling.equals(bytes.subarray(at, at + spelling.length))) found.add(agent);
    }
  }

  private add(needle: Needle): void {
    this.begins[pairAt(needle.spelling, 0)] = 1;
    const start = startAt(needle.spelling, 0);
    const same = this.needles.get(start) ?? [];
    same.push(needle);
    this.needles.set(start, same);
  }
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function startAt(bytes: Uint8Array, at: number): number {
  return (pairAt(bytes, at) << 16) | pairAt(bytes, at + 2);
}
