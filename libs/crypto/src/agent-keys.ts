import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { LRUCache } from 'lru-cache';
import { fromBase64Url, toBase64Url } from './base64url.js';
import { type AgreementKeyPair, agreementKeyPair, agreementPublicKey, sharedSecret } from './agreement.js';
import { type BlockPads, blockPads } from './block-pads.js';
import { InvalidKeyError } from './crypto.errors.js';
import { hash, keyedHash } from './hash.js';
import { OrderPreservingMap } from './order-preserving-map.js';
import { pad, unpad } from './padding.js';
import { open, openInPlace, seal, sealInPlace } from './aead.js';
import { type SignKeyPair, sign, signKeyPairFromSeed } from './signing.js';

const SEED_BYTES = 32;
/** How many peers' pair secrets one agent's keys remember: 64 bytes each. */
const REMEMBERED_PEERS = 4096;

/** Everything an agent's 32-byte seed unlocks: its signature, its secrets with peers, its own store. */
export class AgentKeys {
  readonly agent: AgentPubKey;
  readonly signing: SignKeyPair;
  private readonly agreement: AgreementKeyPair;
  private readonly storeKey: Uint8Array;
  private readonly blindingKey: Uint8Array;
  private readonly derivationKey: Uint8Array;
  private readonly times: OrderPreservingMap;
  private readonly pairSecrets = new LRUCache<AgentPubKey, Uint8Array>({ max: REMEMBERED_PEERS });
  /** As many as there are purposes. */
  private readonly padsByDomain = new Map<string, BlockPads>();

  private constructor(seed: Uint8Array) {
    this.signing = signKeyPairFromSeed(keptHash('musubi/agent/signing', seed));
    this.agent = parseAgentPubKey(toBase64Url(this.signing.publicKey));
    this.agreement = agreementKeyPair(this.signing);
    this.storeKey = keptHash('musubi/agent/store', seed);
    this.blindingKey = keptHash('musubi/agent/blinding', seed);
    this.derivationKey = keptHash('musubi/agent/derivation', seed);
    this.times = new OrderPreservingMap(keptHash('musubi/agent/times', seed));
  }

  /** @throws InvalidKeyError unless the seed has 32 bytes */
  static fromSeed(seed: Uint8Array): AgentKeys {
    if (seed.length !== SEED_BYTES) throw new InvalidKeyError('a seed has 32 bytes');
    return new AgentKeys(seed);
  }

  /** Ed25519: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array {
    return sign(bytes, this.signing.secretKey);
  }

  /** 32 bytes that this agent and the peer can compute and nobody else. @throws InvalidKeyError */
  pairSecret(peer: AgentPubKey): Uint8Array {
    const known = this.pairSecrets.get(peer);
    if (known !== undefined) return known;
    const secret = sharedSecret({ mine: this.agreement, theirs: agreementPublicKey(fromBase64Url(peer)) });
    this.pairSecrets.set(peer, secret);
    return secret;
  }

  /** A 32-byte secret of this agent alone, for one purpose. */
  derive(purpose: string, ...parts: Uint8Array[]): Uint8Array {
    return keyedHash(this.derivationKey, purpose, ...parts);
  }

  /** A 32-byte name for something in this agent's tables, which nobody else can compute or match. */
  blind(domain: string, ...parts: Uint8Array[]): Uint8Array {
    return keyedHash(this.blindingKey, domain, ...parts);
  }

  /** A 16-byte pad for each block of 16 bytes, for one purpose; a block always gets the same. */
  pads(domain: string, blocks: Uint8Array): Uint8Array {
    const padsOf = this.padsByDomain.get(domain) ?? blockPads(this.blind(domain));
    this.padsByDomain.set(domain, padsOf);
    return padsOf(blocks);
  }

  /** Where a time stands in this agent's tables: ordered like time, and unlike any other agent's. */
  positionOf(microseconds: number): bigint {
    return this.times.encode(microseconds);
  }

  /** Padded to a size class and sealed with this agent's store key. */
  seal(plaintext: Uint8Array, domain: string): Uint8Array {
    return seal({ key: this.storeKey, plaintext: pad(plaintext), associatedData: storeDomain(domain) });
  }

  /** For what always has the same size: sealed with this agent's store key, without padding. */
  sealFixed(plaintext: Uint8Array, domain: string): Uint8Array {
    return seal({ key: this.storeKey, plaintext, associatedData: storeDomain(domain) });
  }

  /** @throws OpenFailedError when this agent did not seal it, unpadded, for that domain */
  openFixed(sealed: Uint8Array, domain: string): Uint8Array {
    return open({ key: this.storeKey, sealed, associatedData: storeDomain(domain) });
  }

  /** As `sealFixed`, in place: see `sealInPlace`. */
  sealFixedInPlace(box: Uint8Array, domain: string): Uint8Array {
    return sealInPlace({ key: this.storeKey, box, associatedData: storeDomain(domain) });
  }

  /** As `openFixed`, in place. @returns a part of the box. @throws OpenFailedError likewise */
  openFixedInPlace(box: Uint8Array, domain: string): Uint8Array {
    return openInPlace({ key: this.storeKey, box, associatedData: storeDomain(domain) });
  }

  /** @throws OpenFailedError when this agent did not seal it for that domain */
  open(sealed: Uint8Array, domain: string): Uint8Array {
    return unpad(open({ key: this.storeKey, sealed, associatedData: storeDomain(domain) }));
  }
}

/** In memory of its own, since it is kept for as long as its agent is online. */
function keptHash(domain: string, part: Uint8Array): Uint8Array {
  return hash(domain, part).slice();
}

/** By name; there are as many as there are kinds of sealed rows. */
const storeDomains = new Map<string, Uint8Array>();

function storeDomain(domain: string): Uint8Array {
  const known = storeDomains.get(domain) ?? keptHash('musubi/store-domain', new TextEncoder().encode(domain));
  storeDomains.set(domain, known);
  return known;
}
