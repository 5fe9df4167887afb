import { describe, expect, it } from '@jest/globals';
import {
  CallerNotAuthorError,
  InvalidMessageError,
  InvalidReceiptError,
  NotRecipientError,
} from '@musubi/messaging';
import { type HandIn, vetMessage, vetReceipt } from '@musubi/receipts';
import { ELSEWHERE, SPACE, alice, bob, draft, mallory, notary, receiptOn } from './support/people.js';

describe('vetMessage', () => {
  const handIn: HandIn = { caller: alice.agent, callee: bob.agent, space: SPACE };
  const signed = { message: draft(), saved: receiptOn(draft()) };

  it('accepts a message that its author hands to its recipient', () => {
    expect(() => {
      vetMessage(notary, signed, handIn);
    }).not.toThrow();
  });

  it.each([
    ['another agent hands it in', CallerNotAuthorError, signed, { ...handIn, caller: mallory.agent }],
    ['its recipient hands it in', CallerNotAuthorError, signed, { ...handIn, caller: bob.agent }],
    ['it is for somebody else', NotRecipientError, signed, { ...handIn, callee: mallory.agent }],
    ['it comes from another space', InvalidMessageError, signed, { ...handIn, space: ELSEWHERE }],
  ])('refuses it when %s', (_why, error, given, how) => {
    expect(() => {
      vetMessage(notary, given, how);
    }).toThrow(error);
  });

  it.each([
    ['a receipt of another agent', receiptOn(draft(), { by: mallory.agent })],
    ['a delivered receipt', receiptOn(draft(), { status: 'delivered' })],
    [
      'a signature of another',
      { ...signed.saved, signature: receiptOn(draft(), { space: ELSEWHERE }).signature },
    ],
  ])('refuses it with %s', (_what, saved) => {
    expect(() => {
      vetMessage(notary, { ...signed, saved }, handIn);
    }).toThrow(InvalidMessageError);
  });

  it('refuses it with a text that was changed', () => {
    const message = draft({ payload: { type: 'text', text: 'changed' } });
    expect(() => {
      vetMessage(notary, { ...signed, message }, handIn);
    }).toThrow(InvalidMessageError);
  });
});

describe('vetReceipt', () => {
  const handIn: HandIn = { caller: bob.agent, callee: alice.agent, space: SPACE };
  const receipt = receiptOn(draft(), { status: 'delivered' });

  it('accepts a receipt that its maker hands in', () => {
    expect(() => {
      vetReceipt(receipt, handIn);
    }).not.toThrow();
  });

  it('refuses it when another agent hands it in', () => {
    expect(() => {
      vetReceipt(receipt, { ...handIn, caller: mallory.agent });
    }).toThrow(CallerNotAuthorError);
  });

  it('refuses it when it was made in another space', () => {
    expect(() => {
      vetReceipt(receipt, { ...handIn, space: ELSEWHERE });
    }).toThrow(InvalidReceiptError);
  });
});
