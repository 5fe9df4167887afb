import { afterAll, beforeAll } from '@jest/globals';
import { type AgentKeys, fromBase64Url, randomBytes, toBase64Url } from '@musubi/crypto';
import { type Rows, violatedConstraint, writeAtOnce } from '@musubi/database';
import { History, HistoryReader, MESSAGE_ONCE, READING_ONCE, type UnreadMarkRow } from '@musubi/history';
import { type TestNode, openTestNode } from '@musubi/testing';
import {
  type MessageDraft,
  type MessageRef,
  type ReceiptStatus,
  type SignedReceipt,
  parseNonce,
  parseSpaceId,
  parseTimestamp,
  silentLog,
} from '@musubi/messaging';
import { RECEIPT_ONCE, ReceiptNotary, messageIdOf } from '@musubi/receipts';

/** 2026-11-23T12:00:00Z. */
export const NOON = parseTimestamp(1_795_435_200_000_000);
export const SPACE = parseSpaceId(toBase64Url(new Uint8Array(32).fill(1)));

/** A node with three agents, and as many histories as are asked for. */
export class Archive {
  private opened = 0;

  constructor(
    readonly node: TestNode,
    readonly agents: readonly [AgentKeys, AgentKeys, AgentKeys],
  ) {}

  /** The history of a placement of its own, which no other case has. */
  open(): OpenHistory {
    this.opened += 1;
    const { db, keyring } = this.node.context;
    const history = new History(db, keyring, `placement ${this.opened}`);
    return new OpenHistory(history, new ReceiptNotary(keyring));
  }
}

export class OpenHistory {
  readonly reader: HistoryReader;

  constructor(
    readonly history: History,
    private readonly notary: ReceiptNotary,
  ) {
    this.reader = new HistoryReader(history, silentLog);
  }

  /** @returns whether it was new */
  add(holder: AgentKeys, message: MessageDraft): Promise<boolean> {
    const receipts = [{ receipt: this.receipt(message, 'saved'), place: null }];
    return this.write(this.history.rowsOf(holder, { message, receipts }));
  }

  addReceipt(holder: AgentKeys, receipt: SignedReceipt): Promise<boolean> {
    return this.write(this.history.rowsOfReceipt(holder, { receipt, place: null }));
  }

  async bury(ref: MessageRef): Promise<void> {
    await this.write(this.history.tombstone(ref));
  }

  receipt(message: MessageDraft, status: ReceiptStatus): SignedReceipt {
    const by = status === 'saved' ? message.author : message.recipient;
    return this.notary.signReceipt({ message: messageIdOf(message), status, by, at: NOON, space: SPACE });
  }

  private async write(rows: readonly Rows[]): Promise<boolean> {
    try {
      await writeAtOnce(this.history.db, rows);
      return true;
    } catch (error) {
      if ([MESSAGE_ONCE, RECEIPT_ONCE, READING_ONCE].includes(violatedConstraint(error) ?? '')) return false;
      throw error;
    }
  }
}

export function lentArchive(): () => Archive {
  let archive: Archive | undefined;
  beforeAll(async () => {
    const node = await openTestNode();
    const { keyring } = node.context;
    archive = new Archive(node, [await keyring.create(), await keyring.create(), await keyring.create()]);
  });
  afterAll(() => archive?.node.close());
  return () => {
    if (archive === undefined) throw new Error('the archive is open only while cases run');
    return archive;
  };
}

/** The marks of unread messages of one placement. */
export function marksOf({ history }: OpenHistory, holder: AgentKeys): Promise<readonly UnreadMarkRow[]> {
  const sql = 'select * from unread_mark where placement = $1 and holder = $2';
  return history.db.query<UnreadMarkRow[]>(sql, [history.placement, fromBase64Url(holder.agent)]);
}

export interface Letter {
  readonly from: AgentKeys;
  readonly to: AgentKeys;
  /** µs after noon. */
  readonly after?: number;
  readonly text?: string;
}

export function letter({ from, to, after = 0, text = 'hello' }: Letter): MessageDraft {
  return {
    author: from.agent,
    recipient: to.agent,
    payload: { type: 'text', text },
    replyTo: null,
    sentAt: parseTimestamp(NOON + after),
    nonce: parseNonce(toBase64Url(randomBytes(16))),
  };
}

export const idsOf = (items: readonly { readonly message: { readonly id: string } }[]): readonly string[] =>
  items.map(({ message }) => message.id);
