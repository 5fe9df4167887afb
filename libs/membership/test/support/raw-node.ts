import { type AgentKeys, encodeCanonical, fromBase64Url } from '@musubi/crypto';
import {
  FrameReader,
  type LinkMessage,
  type NodeIdentity,
  PROOF_LABEL,
  type SecureChannel,
  decodeMessage,
  encodeFrame,
  encodeMessage,
} from '@musubi/network/nodes';
import { type Member, type SimMembers } from './sim-members.js';

type Asked = LinkMessage & { readonly kind: 'ask' };

/** A node that speaks on a link by hand, and may say anything. */
export class RawNode {
  readonly heard: LinkMessage[] = [];
  isClosed = false;
  /** Answers what it is asked; refuses by default. */
  answer: (question: Asked) => Uint8Array | null = () => null;

  private constructor(
    readonly channel: SecureChannel,
    readonly identity: NodeIdentity,
  ) {
    const reader = new FrameReader((content) => {
      this.take(decodeMessage(content));
    });
    channel.listen({
      onData: (bytes) => {
        reader.push(bytes);
      },
      onClose: () => {
        this.isClosed = true;
      },
    });
    this.say({ kind: 'hello' });
  }

  static async dial(world: SimMembers, to: Member, name = 'mallory'): Promise<RawNode> {
    const { carrier, identity } = world.stranger(name);
    const target = { address: `sim://${to.name}`, node: to.key };
    const channel = await world.clock.run(carrier.dial(target, new AbortController().signal));
    return new RawNode(channel, identity);
  }

  say(...messages: readonly LinkMessage[]): void {
    for (const message of messages) {
      const frame = encodeFrame(encodeMessage(message));
      if (frame === null) throw new Error('the message fits in a frame');
      this.channel.write(frame, () => undefined);
    }
  }

  prove(keys: AgentKeys, statement: Uint8Array | null): LinkMessage {
    const key = this.channel.exportKey(PROOF_LABEL);
    const nodes = [this.identity.key, this.channel.peer].map(fromBase64Url);
    const signed = encodeCanonical([PROOF_LABEL, key, ...nodes, 1]);
    return {
      kind: 'proof',
      proof: { agent: keys.agent, serial: 1, signature: keys.sign(signed) },
      statement,
    };
  }

  replies(): LinkMessage[] {
    return this.heard.filter(({ kind }) => kind === 'reply');
  }

  private take(message: LinkMessage): void {
    this.heard.push(message);
    if (message.kind === 'ping') this.say({ kind: 'pong' });
    if (message.kind !== 'ask') return;
    const reply = this.answer(message);
    const outcome =
      reply === null
        ? { kind: 'refused' as const, code: 'no', retryable: false }
        : { kind: 'ok' as const, reply };
    this.say({ kind: 'reply', id: message.id, outcome });
  }
}
