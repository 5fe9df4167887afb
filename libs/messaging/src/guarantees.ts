/** What a placement can promise, each in a sentence: the words for people and programs alike. */
export const GUARANTEES = {
  concurrentReceive: 'Two senders can deliver to one recipient at the same moment.',
  /** Where `false`, the losers are told that the head moved or that the chain is locked. */
  concurrentSave: "One author's simultaneous saves all land.",
  offlineDelivery: 'The two agents need never be online at once.',
  /** Where `false`, a clone limit is met and named. */
  unboundedPeers: 'An agent can converse with any number of peers.',
  bodyStaysWithPair: "No stranger holds the message's ciphertext.",
  hidesPeers: 'No record given to strangers names both conversants.',
  unlinkableCopies: 'The two copies share no hash that a stranger can read.',
} as const;

export type GuaranteeName = keyof typeof GUARANTEES;

/** What a placement promises. The conformance suite proves each field, `true` and `false` alike. */
export type Guarantees = Readonly<Record<GuaranteeName, boolean>>;

function isGuaranteeName(name: string): name is GuaranteeName {
  return name in GUARANTEES;
}

/** Their names, in the order above. */
export const GUARANTEE_NAMES: readonly GuaranteeName[] = Object.keys(GUARANTEES).filter(isGuaranteeName);
