/**
 * Keeps Redis from reading frames, and keeps clients of Redis from speaking for an agent: the processes of one node share
 * a secret that Redis does not have.
 */
export interface RedisSeal {
  /** The channel of a topic: the same in every process of the node, and telling others nothing of the topic. */
  channelOf(topic: string): string;
  /** Bound to the channel: it opens on no other. Padded first, so that its length tells a size class at most. */
  seal(channel: string, plaintext: Uint8Array): Uint8Array;
  /** @returns the plaintext; null for what no process of this node padded and sealed to this channel */
  open(channel: string, sealed: Uint8Array): Uint8Array | null;
}
