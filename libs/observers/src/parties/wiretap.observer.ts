import { fromBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type Timestamp } from '@musubi/messaging';
import { type HeldRow, type Observer } from './observer.js';

/** A remote call as it looks on the wire, where its content is encrypted. */
export interface TappedCall {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  readonly at: Timestamp;
  readonly requestBytes: number;
  /** `null` when no reply came. */
  readonly replyBytes: number | null;
}

/** Who listens on the wire between cells: who calls whom, when, and how long the call and its reply are. */
export class Wiretap implements Observer {
  readonly name = 'wiretap';

  constructor(private readonly calls: Iterable<TappedCall>) {}

  *rows(): Generator<HeldRow> {
    for (const { from, to, at, requestBytes, replyBytes } of this.calls) {
      const values = { from: fromBase64Url(from), to: fromBase64Url(to), requestBytes, replyBytes };
      yield { table: 'remote-call', values, at };
    }
  }
}
