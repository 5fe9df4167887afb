import { encodeCanonical, fromBase64Url, sign } from '@musubi/crypto';
import {
  FrameReader,
  type LinkMessage,
  type NodeKey,
  type NodePlace,
  PROOF_LABEL,
  type SecureChannel,
  decodeMessage,
  encodeFrame,
  encodeMessage,
} from '@musubi/network/nodes';
import { deferred } from '../../../../../test/support/deferred.js';
import { type SimNode, type SimWorld, type TestAgent } from './sim-nodes.js';

export function frameOf(message: LinkMessage): Uint8Array {
  const frame = encodeFrame(encodeMessage(message));
  if (frame === null) throw new Error('the message fits in a frame');
  return frame;
}

/** A party that speaks on a channel by hand, and may say anything. */
export class RawPeer {
  readonly heard: LinkMessage[] = [];
  isClosed = false;
  /** Answers pings, as long as it does. */
  isPolite = true;

  private constructor(
    readonly channel: SecureChannel,
    private readonly self: NodeKey,
  ) {
    const reader = new FrameReader((content) => {
      const message = decodeMessage(content);
      this.heard.push(message);
      if (message.kind === 'ping' && this.isPolite) this.say({ kind: 'pong' });
    });
    channel.listen({
      onData: (bytes) => {
        reader.push(bytes);
      },
      onClose: () => {
        this.isClosed = true;
      },
    });
  }

  static async dial(world: SimWorld, to: SimNode, name?: string): Promise<RawPeer> {
    const { carrier, identity } = world.stranger(name);
    const [address = ''] = to.place.addresses;
    const target = { address, node: to.identity.key };
    const channel = await world.clock.run(carrier.dial(target, new AbortController().signal));
    return new RawPeer(channel, identity.key);
  }

  /** Takes the first connection that a node makes to it. */
  static async listen(
    world: SimWorld,
    name: string,
  ): Promise<{ readonly place: NodePlace; readonly peer: Promise<RawPeer> }> {
    const { carrier, identity } = world.stranger(name);
    const gate = { admit: () => () => undefined, noteHandshakeFailure: () => undefined };
    const made = deferred<RawPeer>();
    const listening = await carrier.listen(gate, (channel) => {
      made.resolve(new RawPeer(channel, identity.key));
    });
    const addresses = listening?.address == null ? [] : [listening.address];
    return { place: { node: identity.key, addresses }, peer: made.promise };
  }

  write(bytes: Uint8Array): void {
    this.channel.write(bytes, () => undefined);
  }

  say(...messages: readonly LinkMessage[]): void {
    for (const message of messages) this.write(frameOf(message));
  }

  /** A proof that is right on this channel, unless it is asked for another one. */
  proof(
    { agent, keys }: TestAgent,
    { channel = this.channel, serial = 1, statement = null as Uint8Array | null } = {},
  ): LinkMessage {
    const signed = encodeCanonical([
      PROOF_LABEL,
      channel.exportKey(PROOF_LABEL),
      fromBase64Url(this.self),
      fromBase64Url(this.channel.peer),
      serial,
    ]);
    return { kind: 'proof', proof: { agent, serial, signature: sign(signed, keys.secretKey) }, statement };
  }

  replies(): LinkMessage[] {
    return this.heard.filter(({ kind }) => kind === 'reply');
  }
}
