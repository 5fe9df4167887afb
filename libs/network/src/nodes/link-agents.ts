import { type AgentPubKey } from '@musubi/messaging';
import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { type AgentSigner, type ProofEnds, SeenProofs, ShownProofs } from './agent-proofs.js';
import { type ServeCall } from './incoming-calls.js';
import { IntroducedAgents } from './introduced-agents.js';
import { type LinkMessage } from './link-message.js';
import { type LinkSpeech } from './link-speech.js';
import { type PeerService } from './peer-service.js';
import { type Refusals } from './refusals.js';

export type ProofMessage = LinkMessage & { readonly kind: 'proof' };

interface LinkAgentsParts extends ProofEnds {
  readonly signer: AgentSigner;
  readonly service: PeerService;
  readonly serve: ServeCall;
  readonly refusals: Refusals;
  /** The time of the link. */
  readonly tick: () => number;
  readonly speech: Pick<LinkSpeech, 'say'>;
}

/** The agents at both ends of one link: their proofs, and what their nodes say of them. */
export class LinkAgents {
  private readonly shown: ShownProofs;
  private readonly seen: SeenProofs;
  private readonly introduced: IntroducedAgents;
  /** Proofs that wait for what goes with them: calls of the same agent wait for the same one. */
  private readonly proving = new Map<AgentPubKey, Promise<void>>();

  constructor(private readonly parts: LinkAgentsParts) {
    this.shown = new ShownProofs(parts, parts.signer);
    this.seen = new SeenProofs(parts);
    this.introduced = new IntroducedAgents(parts.service, parts.channel.peer);
  }

  isProven({ from }: RemoteCall): boolean {
    return this.seen.has(from, this.parts.tick());
  }

  /** Says a proof first when the last one counts no more. @throws AgentOfflineError */
  async prove(agent: AgentPubKey): Promise<void> {
    if (!this.shown.isDue(agent, this.parts.tick())) return;
    const proving = this.proving.get(agent) ?? this.show(agent);
    this.proving.set(agent, proving);
    try {
      await proving;
    } finally {
      this.proving.delete(agent);
    }
  }

  /** @throws LinkRefusedError */
  takeProof({ proof, statement }: ProofMessage): void {
    this.seen.take(proof, this.parts.tick());
    this.introduced.take(proof.agent, statement);
  }

  /** Answers a call of a proven agent. What its node says of it is kept once a call was answered. Never rejects. */
  async serve(call: RemoteCall): Promise<RemoteCallOutcome> {
    const refusal = await this.refusalOf(call);
    if (refusal !== null) return refusal;
    const outcome = await this.parts.serve(call, this.parts.channel.peer);
    if (isAbsence(outcome)) this.parts.service.onAbsent(this.parts.channel.peer, call.to);
    // Before the reply: its author may be called back as soon as it has arrived.
    if (outcome.kind === 'ok') await this.introduced.keep(call.from).catch(() => undefined);
    return outcome;
  }

  /** The other side does not know it any more, or knows another record: the next call shows a new one. */
  noteOutcome({ from }: RemoteCall, outcome: RemoteCallOutcome): void {
    const isUnknown = outcome.kind === 'refused' && ['unproven-caller', 'moved'].includes(outcome.code);
    if (isUnknown) this.shown.forget(from);
  }

  reconsider(agent: AgentPubKey): void {
    this.introduced.reconsider(agent);
  }

  private async show(agent: AgentPubKey): Promise<void> {
    // Without it the agent is proven as well, but cannot be called back.
    const statement = await this.parts.service.statementOf(agent).catch(() => null);
    const proof = this.shown.due(agent, this.parts.tick());
    if (proof !== null) this.parts.speech.say({ kind: 'proof', proof, statement });
  }

  private async refusalOf({ from }: RemoteCall): Promise<RemoteCallOutcome | null> {
    try {
      if (await this.introduced.isAtHome(from)) return null;
    } catch {
      return { kind: 'refused', code: 'busy', retryable: true };
    }
    this.parts.refusals.note('moved-caller');
    return { kind: 'refused', code: 'moved', retryable: true };
  }
}

/** The callee is not online here, or goes offline just now. */
function isAbsence(outcome: RemoteCallOutcome): boolean {
  return outcome.kind === 'not-sent' || (outcome.kind === 'refused' && outcome.code === 'agent-offline');
}
