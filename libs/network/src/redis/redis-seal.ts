/**
 * What keeps Redis from reading along, and whoever reaches it from speaking for an agent: the processes of one
 * node have a secret, Redis does not.
 */
export interface RedisSeal {
  /** The channel of a topic: the same in every process of the node, and telling others nothing of the topic. */
  channelOf(topic: string): string;
  /** Bound to the channel: it opens on no other. */
  seal(channel: string, plaintext: Uint8Array): Uint8Array;
  /** @returns null for what no process of this node sealed to this channel */
  open(channel: string, sealed: Uint8Array): Uint8Array | null;
}
