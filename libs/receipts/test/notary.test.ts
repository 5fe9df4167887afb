import { describe, expect, it } from '@jest/globals';
import { fromBase64Url, toBase64Url } from '@musubi/crypto';
import {
  AgentOfflineError,
  InvalidMessageError,
  InvalidReceiptError,
  type ReceiptStatus,
  type SignedReceipt,
  parseAgentPubKey,
  parseMessageId,
  parseNonce,
  parseSignature,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { makerOf, openingReceipts, receiptBytes } from '@musubi/receipts';
import fc from 'fast-check';
import {
  NOON,
  SPACE,
  STATUSES,
  alice,
  bob,
  draft,
  flipped,
  mallory,
  notary,
  receiptOn,
} from './support/people.js';

const another = draft({ nonce: parseNonce(toBase64Url(new Uint8Array(16).fill(9))) });

type Parse<Id extends string> = (text: string) => Id;

function flip<Id extends string>(id: Id, bit: number, parse: Parse<Id>): Id {
  const bytes = fromBase64Url(id);
  return parse(toBase64Url(flipped(bytes, bit % (bytes.length * 8))));
}

/** Each way to flip one bit of one field. */
const FLIPS: Readonly<Record<string, (receipt: SignedReceipt, bit: number) => SignedReceipt>> = {
  message: (receipt, bit) => ({ ...receipt, message: flip(receipt.message, bit, parseMessageId) }),
  by: (receipt, bit) => ({ ...receipt, by: flip(receipt.by, bit, parseAgentPubKey) }),
  space: (receipt, bit) => ({ ...receipt, space: flip(receipt.space, bit, parseSpaceId) }),
  signature: (receipt, bit) => ({ ...receipt, signature: flip(receipt.signature, bit, parseSignature) }),
  at: (receipt, bit) => {
    const at = Number(BigInt(receipt.at) ^ (1n << BigInt(bit % 50)));
    return { ...receipt, at: parseTimestamp(at) };
  },
};

describe('a receipt', () => {
  it.each(STATUSES)('that says %s is accepted from its maker', (status) => {
    const receipt = receiptOn(draft(), { status });
    expect(() => {
      notary.verifyReceipt(receipt, draft());
    }).not.toThrow();
  });

  it.each(Object.entries(FLIPS))('is refused when any bit of its %s is flipped', (_field, change) => {
    const anything = fc.record({ bit: fc.nat(511), status: fc.constantFrom(...STATUSES) });
    fc.assert(
      fc.property(anything, ({ bit, status }) => {
        const receipt = change(receiptOn(draft(), { status }), bit);
        expect(() => {
          notary.verifyReceipt(receipt, draft());
        }).toThrow(InvalidReceiptError);
      }),
    );
  });

  it.each([
    ['delivered', 'read'],
    ['read', 'delivered'],
    ['saved', 'delivered'],
    ['delivered', 'saved'],
  ] as const)('that says %s is refused when it is made to say %s', (signed, said) => {
    const receipt = { ...receiptOn(draft(), { status: signed }), status: said };
    expect(() => {
      notary.verifyReceipt(receipt, draft());
    }).toThrow(InvalidReceiptError);
  });

  it.each<[ReceiptStatus, string, SignedReceipt['by']]>([
    ['saved', 'the recipient', bob.agent],
    ['delivered', 'the author', alice.agent],
    ['read', 'the author', alice.agent],
    ['saved', 'a stranger', mallory.agent],
    ['delivered', 'a stranger', mallory.agent],
    ['read', 'a stranger', mallory.agent],
  ])('that says %s is refused from %s', (status, _who, by) => {
    const receipt = receiptOn(draft(), { status, by });
    expect(() => {
      notary.verifyReceipt(receipt, draft());
    }).toThrow('may not be stated by this agent');
  });

  it('is refused for another message', () => {
    expect(() => {
      notary.verifyReceipt(receiptOn(draft()), another);
    }).toThrow('another message');
  });

  it('is refused when its signature is that of another receipt', () => {
    const { signature } = receiptOn(draft(), { at: parseTimestamp(NOON + 1) });
    expect(() => {
      notary.verifyReceipt({ ...receiptOn(draft()), signature }, draft());
    }).toThrow('the signature is not that of the receipt');
  });

  it('cannot be signed for an agent whose key is locked', () => {
    const by = parseAgentPubKey(toBase64Url(new Uint8Array(32)));
    expect(() => receiptOn(draft(), { by })).toThrow(AgentOfflineError);
  });

  it('is signed over 32 bytes', () => {
    expect(receiptBytes(receiptOn(draft()))).toHaveLength(32);
  });

  it('is the same when it is signed again', () => {
    expect(receiptOn(draft())).toEqual(receiptOn(draft()));
  });
});

describe('makerOf', () => {
  it.each<[ReceiptStatus, string]>([
    ['saved', alice.agent],
    ['delivered', bob.agent],
    ['read', bob.agent],
  ])('knows who states %s', (status, maker) => {
    expect(makerOf(status, draft())).toBe(maker);
  });
});

describe('a signed message', () => {
  it('is accepted with the saved receipt of its author', () => {
    expect(() => {
      notary.verifyMessage({ message: draft(), saved: receiptOn(draft()) });
    }).not.toThrow();
  });

  it.each([
    ['of another message', { message: draft(), saved: receiptOn(another) }],
    ['of another agent', { message: draft(), saved: receiptOn(draft(), { by: mallory.agent }) }],
    ['of another status', { message: draft(), saved: receiptOn(draft(), { status: 'delivered' }) }],
  ])('is refused with a receipt %s', (_what, signed) => {
    expect(() => {
      notary.verifyMessage(signed);
    }).toThrow(InvalidMessageError);
  });

  it('is refused when its text was changed', () => {
    const message = draft({ payload: { type: 'text', text: 'changed' } });
    expect(() => {
      notary.verifyMessage({ message, saved: receiptOn(draft()) });
    }).toThrow(InvalidMessageError);
  });
});

describe('openingReceipts', () => {
  const at = { at: NOON, space: SPACE };

  it('are the saved receipt of the author', () => {
    expect(openingReceipts(notary, draft(), at)).toEqual([receiptOn(draft())]);
  });

  it('are all three of a message to oneself', () => {
    const note = draft({ recipient: alice.agent });
    const receipts = openingReceipts(notary, note, at);
    expect(receipts.map(({ status }) => status)).toEqual(STATUSES);
    expect(() => {
      for (const receipt of receipts) notary.verifyReceipt(receipt, note);
    }).not.toThrow();
  });
});
