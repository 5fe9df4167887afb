import { encodeCanonical, fromBase64Url, verify } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type AgentProof } from './link-message.js';
import { type NodeKey } from './node-key.js';
import { LinkRefusedError } from './refusals.js';
import { type SecureChannel } from './secure-channel.js';

export const PROOF_LABEL = 'musubi agent';
/** A proof counts for so many ticks of the link (10 min), by the clock of the node that was shown it. */
export const PROOF_TICKS = 40;
/** After half of that its maker shows a new one: an agent that was locked since has none. */
const RENEWAL_TICKS = PROOF_TICKS / 2;
/** Agents of one peer whose proofs are known on one link: some 300 bytes each. */
export const MAX_AGENTS = 4096;

/** Signs with an agent's own key. */
export interface AgentSigner {
  /** Ed25519: 64 bytes. @throws AgentOfflineError when the key is not unlocked here */
  sign(agent: AgentPubKey, bytes: Uint8Array): Uint8Array;
}

interface ProofContext {
  readonly channelKey: Uint8Array;
  readonly prover: NodeKey;
  readonly verifier: NodeKey;
}

/**
 * What a proof signs: the channel's exported key binds it to this link, the order of the node keys to this direction,
 * and the serial to this moment.
 */
function signedBytes({ channelKey, prover, verifier }: ProofContext, serial: number): Uint8Array {
  return encodeCanonical([PROOF_LABEL, channelKey, fromBase64Url(prover), fromBase64Url(verifier), serial]);
}

export interface ProofEnds {
  readonly self: NodeKey;
  readonly channel: Pick<SecureChannel, 'exportKey' | 'peer'>;
}

/** The proofs that this node's agents have shown on one link. */
export class ShownProofs {
  private readonly shown = new Map<AgentPubKey, { readonly serial: number; readonly tick: number }>();
  private readonly context: ProofContext;

  constructor(
    { self, channel }: ProofEnds,
    private readonly signer: AgentSigner,
  ) {
    this.context = { channelKey: channel.exportKey(PROOF_LABEL), prover: self, verifier: channel.peer };
  }

  isDue(agent: AgentPubKey, tick: number): boolean {
    const last = this.shown.get(agent);
    return last === undefined || tick >= last.tick + RENEWAL_TICKS;
  }

  /** @returns a proof to send first; null when the last one still counts. @throws AgentOfflineError */
  due(agent: AgentPubKey, tick: number): AgentProof | null {
    if (!this.isDue(agent, tick)) return null;
    const serial = (this.shown.get(agent)?.serial ?? 0) + 1;
    const signature = this.signer.sign(agent, signedBytes(this.context, serial));
    this.shown.set(agent, { serial, tick });
    return { agent, serial, signature };
  }

  /** The other side does not know it any more: the next call shows a new one. */
  forget(agent: AgentPubKey): void {
    const last = this.shown.get(agent);
    if (last !== undefined) this.shown.set(agent, { serial: last.serial, tick: -Infinity });
  }
}

/** The proofs that the other node's agents have shown on one link. */
export class SeenProofs {
  private readonly seen = new Map<AgentPubKey, { readonly serial: number; readonly tick: number }>();
  private readonly context: ProofContext;

  constructor({ self, channel }: ProofEnds) {
    this.context = { channelKey: channel.exportKey(PROOF_LABEL), prover: channel.peer, verifier: self };
  }

  /** @throws LinkRefusedError for a forged proof, and for one that was shown before */
  take({ agent, serial, signature }: AgentProof, tick: number): void {
    const last = this.seen.get(agent);
    if (last !== undefined && serial <= last.serial) throw new LinkRefusedError('bad-proof');
    if (!verify(signature, signedBytes(this.context, serial), fromBase64Url(agent)))
      throw new LinkRefusedError('bad-proof');
    this.seen.delete(agent);
    this.seen.set(agent, { serial, tick });
    if (this.seen.size > MAX_AGENTS) this.forgetEldest();
  }

  has(agent: AgentPubKey, tick: number): boolean {
    const last = this.seen.get(agent);
    return last !== undefined && tick < last.tick + PROOF_TICKS;
  }

  /** Its next call is refused, and shows a new proof. */
  private forgetEldest(): void {
    const [eldest] = this.seen.keys();
    if (eldest !== undefined) this.seen.delete(eldest);
  }
}
