/** Why a link or what came over it was refused. */
export type RefusalReason =
  /** Of frames. */
  | 'unknown-version'
  | 'oversized-frame'
  | 'unpadded-frame'
  | 'half-frame'
  | 'malformed-frame'
  /** Well-formed, and not allowed there. */
  | 'unexpected-message'
  | 'bad-proof'
  /** A record of an agent that is none, that the agent has not signed, or that is another agent's. */
  | 'bad-record'
  /** A message of the exchange of records that breaks its rules. */
  | 'bad-exchange'
  /** A notice that an agent is back, without the key of one. */
  | 'bad-notice'
  | 'unproven-caller'
  /** The agent has said that it is on another node. */
  | 'moved-caller'
  | 'absent-callee'
  | 'busy'
  | 'flood'
  /** Of connections. */
  | 'handshake'
  | 'wrong-node'
  | 'too-many-connections'
  | 'too-many-dials'
  | 'silent';

/** The link has to be closed. The message names no key and no address. */
export class LinkRefusedError extends Error {
  override readonly name = 'LinkRefusedError';

  constructor(readonly reason: RefusalReason) {
    super(`the link was refused: ${reason}`);
  }
}

/** How often each reason was met. */
export class Refusals {
  private readonly counts = new Map<RefusalReason, number>();

  constructor(private readonly onRefusal: (reason: RefusalReason) => void = () => undefined) {}

  note(reason: RefusalReason): void {
    this.counts.set(reason, this.countOf(reason) + 1);
    this.onRefusal(reason);
  }

  countOf(reason: RefusalReason): number {
    return this.counts.get(reason) ?? 0;
  }

  all(): Readonly<Partial<Record<RefusalReason, number>>> {
    return Object.fromEntries(this.counts);
  }
}
