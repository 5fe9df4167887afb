import { type NodeContext } from '@musubi/cell';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  type MessageRef,
  RecipientUnreachableError,
  RemoteCallUnknownError,
  type SignedReceipt,
  type Timestamp,
  parseNonce,
  parseTimestamp,
} from '@musubi/messaging';
import { type RemoteCall, type RemoteCalls, type RemoteFunction, type StopServing } from '@musubi/network';
import { ReceiptNotary, blindedKey, decodeMessageEnvelope } from '@musubi/receipts';
import { SourceChainStrategy } from '@musubi/source-chain';
import { AdvancingClock } from '@musubi/testing';
import { type DataSource } from 'typeorm';
import { DefectiveOutbox } from './planted-outbox.js';
import { type Planted } from './lone-node.js';

/** Sends what may have arrived again as another message, as Kizuna's resend did. */
class ResendingAnew extends SourceChainStrategy {
  constructor(private readonly context: NodeContext) {
    super(context);
  }

  override async send(ref: MessageRef): Promise<SignedReceipt | null> {
    try {
      return await super.send(ref);
    } catch (error) {
      if (!(error instanceof RemoteCallUnknownError)) throw error;
      const { message } = await this.messages.find(ref);
      const { id: old, ...draft } = message;
      const again = await this.save({ ...draft, nonce: parseNonce(toBase64Url(this.context.random(16))) });
      await super.send({ ...ref, message: again.message });
      throw new RemoteCallUnknownError(`${old} was sent again`);
    }
  }
}

/** Confirms what did not arrive, with a receipt that is signed as it should be. */
class Hasty extends SourceChainStrategy {
  constructor(private readonly context: NodeContext) {
    super(context);
  }

  override async send(ref: MessageRef): Promise<SignedReceipt | null> {
    try {
      return await super.send(ref);
    } catch (error) {
      if (!(error instanceof RecipientUnreachableError)) throw error;
      const { message, receipts } = await this.messages.find(ref);
      const [saved] = receipts;
      if (saved === undefined) throw error;
      const { signature, ...receipt } = saved;
      const notary = new ReceiptNotary(this.context.keyring);
      return notary.signReceipt({ ...receipt, status: 'delivered', by: message.recipient });
    }
  }
}

/** Accepts a message every time it comes. */
class Twice implements RemoteCalls {
  constructor(private readonly node: NodeContext) {}

  call(call: RemoteCall): ReturnType<RemoteCalls['call']> {
    return this.node.calls.call(call);
  }

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.node.calls.serve(fn, async (call) => {
      if (fn === 'source-chain/receive_message') await this.forget(call);
      return answer(call);
    });
  }

  private async forget({ to, payload }: RemoteCall): Promise<void> {
    const key = blindedKey(this.node.keyring.keysOf(to), decodeMessageEnvelope(payload).saved.message);
    for (const table of ['history', 'receipt']) {
      await this.node.db.query(`delete from ${table} where holder = $1 and key = $2`, [
        fromBase64Url(to),
        key,
      ]);
    }
  }
}

/** Never shows a time before one that it has shown. */
class NeverBack extends AdvancingClock {
  private latest = 0;

  override now(): Timestamp {
    this.latest = Math.max(this.latest + 1, super.now());
    return parseTimestamp(this.latest);
  }
}

/** A defect, and what is said of it. */
export type PlantedDefect = readonly [name: string, complaint: RegExp, planted: Planted];

/** The first, which is found soonest, is in `npm test`; the others are in `npm run test:deep`. */
export const PLANTED: readonly PlantedDefect[] = [
  [
    'an outbox that a crash empties',
    /neither done nor pending|has not arrived/,
    {
      afterDeath: async (db: DataSource): Promise<void> => {
        await db.query('delete from outbox');
      },
    },
  ],
  [
    'a resend that is another message',
    /nobody sent it/,
    { instead: (node) => ({ 'source-chain': new ResendingAnew(node) }) },
  ],
  [
    'a delivery that is confirmed before the recipient holds the message',
    /phantom: message|is delivered, not from|is absent, not from delivered/,
    { instead: (node) => ({ 'source-chain': new Hasty(node) }) },
  ],
  [
    'a receiver that accepts twice',
    /entries for|gaps|not from|unsigned: message|phantom: message/,
    { instead: (node) => ({ 'source-chain': new SourceChainStrategy({ ...node, calls: new Twice(node) }) }) },
  ],
  [
    'a reading that is no longer pending, where letters are left',
    /read of \S+ is neither done nor pending/,
    {
      afterDeath: async (db: DataSource): Promise<void> => {
        await db.query(`delete from outbox where placement = 'global-dht' and step = 'read'`);
      },
    },
  ],
  [
    'a clock that stands still until the time it showed wrongly has come',
    /has not arrived|still pending/,
    { makeClock: () => new NeverBack() },
  ],
  [
    'an outbox that believes what a wrong clock wrote',
    /has not arrived|still pending/,
    { makeOutbox: (parts) => new DefectiveOutbox(parts, { isTrusting: true }) },
  ],
  [
    'an outbox that one row stops',
    /OpenFailedError/,
    { makeOutbox: (parts) => new DefectiveOutbox(parts, { isAllOrNothing: true }) },
  ],
  [
    'an outbox that loses patience sooner than it was told',
    /was given up after/,
    { patience: { kind: 'attempts', most: 2 } },
  ],
  [
    'mailboxes that nobody reads again after a sleep',
    /has not arrived|has not heard|still pending/,
    { mailboxPollMs: 365 * 86_400_000 },
  ],
];
