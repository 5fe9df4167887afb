/** What a placement promises. The conformance suite proves each field, `true` and `false` alike. */
export interface Guarantees {
  /** Two senders can deliver to one recipient at the same moment without either being refused. */
  readonly concurrentReceive: boolean;
  /** One author's simultaneous saves all land; where `false`, the losers are told that the head moved or the chain is locked. */
  readonly concurrentSave: boolean;
  /** A message reaches its recipient although the two agents are never online at once. */
  readonly offlineDelivery: boolean;
  /** An agent can converse with any number of peers; where `false`, a clone limit is met and named. */
  readonly unboundedPeers: boolean;
  /** No stranger is given the message's ciphertext to hold. */
  readonly bodyStaysWithPair: boolean;
  /** No record given to strangers names both conversants. */
  readonly hidesPeers: boolean;
  /** The two stored copies of one message share no hash that a stranger can read. */
  readonly unlinkableCopies: boolean;
}
