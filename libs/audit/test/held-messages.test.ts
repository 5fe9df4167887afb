import { describe, expect, it } from '@jest/globals';
import { copyOf, heldBy, verifyingOnce } from '@musubi/audit';
import {
  type HeldMessage,
  InvalidReceiptError,
  type MessageReader,
  type Notary,
  type ReceiptStatus,
  type SignedReceipt,
  parseAgentPubKey,
  parseMessageId,
  parseNonce,
  parseSignature,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';

const bytes = (length: number, byte: number): string => Buffer.alloc(length, byte).toString('base64url');
const [alice, bob] = [parseAgentPubKey(bytes(32, 1)), parseAgentPubKey(bytes(32, 2))];
const [GOOD, FORGED] = [parseSignature(bytes(64, 1)), parseSignature(bytes(64, 2))];

function messageOf(byte: number): HeldMessage['message'] {
  return {
    id: parseMessageId(bytes(32, byte)),
    author: alice,
    recipient: bob,
    payload: { type: 'text', text: 'hello' },
    replyTo: null,
    sentAt: parseTimestamp(0),
    nonce: parseNonce(bytes(16, 1)),
  };
}

function receipt(status: ReceiptStatus, change: Partial<SignedReceipt> = {}): SignedReceipt {
  const space = parseSpaceId(bytes(32, 7));
  const by = status === 'saved' ? alice : bob;
  return { message: messageOf(1).id, status, by, at: parseTimestamp(0), space, signature: GOOD, ...change };
}

/** Whatever carries the good signature is signed. */
const verify: Notary['verifyReceipt'] = ({ signature }) => {
  if (signature !== GOOD) throw new InvalidReceiptError('forged');
};

function isSigned(status: ReceiptStatus, receipts: readonly SignedReceipt[]): boolean {
  return copyOf(alice, { message: messageOf(1), status, receipts }, verify).isSigned;
}

describe('a copy', () => {
  it('is signed by its author, and by its recipient once it is delivered', () => {
    expect(isSigned('saved', [receipt('saved')])).toBe(true);
    expect(isSigned('delivered', [receipt('saved'), receipt('delivered')])).toBe(true);
  });

  it.each<[string, ReceiptStatus, readonly SignedReceipt[]]>([
    ['there are no receipts', 'saved', []],
    ['its author’s receipt is missing', 'delivered', [receipt('delivered')]],
    ['no receipt states its status', 'delivered', [receipt('saved')]],
    ['a signature is forged', 'delivered', [receipt('saved'), receipt('delivered', { signature: FORGED })]],
    [
      'a receipt is of another space',
      'delivered',
      [receipt('saved'), receipt('delivered', { space: parseSpaceId(bytes(32, 8)) })],
    ],
  ])('is unsigned when %s', (_, status, receipts) => {
    expect(isSigned(status, receipts)).toBe(false);
  });

  it('is not judged when verifying itself breaks', () => {
    const broken = (): void => {
      throw new TypeError('no such curve');
    };

    expect(() =>
      copyOf(alice, { message: messageOf(1), status: 'saved', receipts: [receipt('saved')] }, broken),
    ).toThrow(TypeError);
  });
});

describe('what an agent holds', () => {
  it('is read to its last page', async () => {
    const all = [1, 2, 3].map((byte) => ({
      message: messageOf(byte),
      status: 'saved' as const,
      receipts: [],
    }));
    const list: MessageReader['list'] = (_, { anchor }) => {
      const place = anchor.at === 'before' ? Number(anchor.cursor) : 0;
      const next = place + 1 < all.length ? String(place + 1) : null;
      return Promise.resolve({ items: all.slice(place, place + 1), next, prev: null });
    };

    expect(await heldBy({ list }, alice)).toEqual(all);
  });
});

describe('verifying once', () => {
  it('spares a receipt that verified, and no other', () => {
    let times = 0;
    const counted = verifyingOnce((signed, message) => {
      times += 1;
      verify(signed, message);
    });

    counted(receipt('saved'), messageOf(1));
    counted(receipt('saved'), messageOf(1));
    expect(times).toBe(1);
    counted(receipt('delivered'), messageOf(1));
    expect(times).toBe(2);
    const forged = receipt('saved', { signature: FORGED });
    expect(() => {
      counted(forged, messageOf(1));
    }).toThrow(InvalidReceiptError);
    expect(() => {
      counted(forged, messageOf(1));
    }).toThrow(InvalidReceiptError);
    expect(times).toBe(4);
  });
});
