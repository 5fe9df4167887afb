import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url, randomBytes, toBase64Url } from '@musubi/crypto';
import { PINS_PER_MESSAGE, isLater } from '@musubi/history';
import {
  type AgentPubKey,
  MICROSECONDS_PER_DAY,
  type MessageId,
  type Pin,
  PinLimitReachedError,
  type SignedPin,
  parseMessageId,
  parseSignature,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { encodeEnvelope, pinBytes, pinEnvelope } from '@musubi/receipts';
import { SOURCE_CHAIN_SPACE } from '@musubi/source-chain';
import { DeliveryNode } from '@musubi/testing';

const SECOND_US = 1_000_000;

let node: DeliveryNode;
let alice: AgentPubKey;
let bob: AgentPubKey;

beforeAll(async () => {
  node = await DeliveryNode.open();
});

beforeEach(async () => {
  [alice, bob] = [await node.newAgent(), await node.newAgent()];
});

afterAll(() => node.close());

async function rowsOf(agent: AgentPubKey): Promise<number> {
  const sql = `select (select count(*) from pin where holder = $1) + (select count(*) from action where author = $1)
    + (select count(*) from outbox where holder = $1) + (select count(*) from integrated_record where holder = $1) as rows`;
  const [row] = await node.context.db.query<{ rows: string }[]>(sql, [fromBase64Url(agent)]);
  return Number(row?.rows);
}

describe('a statement that a peer hands in', () => {
  async function delivered(): Promise<MessageId> {
    const step = await node.save('source-chain', [alice, bob]);
    await node.attempts.first(alice, step);
    return step.message;
  }

  function signed(by: AgentPubKey, pin: Partial<Pin> & Pick<Pin, 'message'>): SignedPin {
    const at = node.clock.now();
    const said: Pin = { pinned: true, by, at, space: SOURCE_CHAIN_SPACE, ...pin };
    const signature = node.keyring.keysOf(by).sign(pinBytes(said));
    return { ...said, signature: parseSignature(toBase64Url(signature)) };
  }

  const handIn = (from: AgentPubKey, pin: SignedPin): Promise<unknown> =>
    node.context.calls.call({
      from,
      to: bob,
      fn: 'source-chain/receive_receipt',
      payload: encodeEnvelope(pinEnvelope(pin), randomBytes),
    });

  const pinned = async (message: MessageId): Promise<boolean> =>
    (await node.strategies['source-chain'].messages.find({ holder: bob, message })).pinned === true;

  it('is refused unless its caller signed it, in this space, of a message of the two, and nothing is written', async () => {
    const message = await delivered();
    const carol = await node.newAgent();
    const other = parseMessageId(toBase64Url(randomBytes(32)));
    const before = await rowsOf(bob);
    const valid = signed(alice, { message });
    const refused = (code: string): object => ({ kind: 'refused', code });

    expect(await handIn(carol, valid)).toMatchObject(refused('caller-not-author'));
    expect(await handIn(carol, signed(carol, { message }))).toMatchObject(refused('message-not-found'));
    expect(await handIn(alice, signed(alice, { message: other }))).toMatchObject(
      refused('message-not-found'),
    );
    expect(await handIn(alice, { ...valid, pinned: false })).toMatchObject(refused('invalid-message'));
    const space = parseSpaceId(toBase64Url(randomBytes(32)));
    expect(await handIn(alice, signed(alice, { message, space }))).toMatchObject(refused('invalid-message'));
    expect(await rowsOf(bob)).toBe(before);
    expect(await handIn(alice, valid)).toMatchObject({ kind: 'ok' });
    expect(await pinned(message)).toBe(true);
  });

  it('is refused for good where its time is more than a year ahead', async () => {
    const message = await delivered();
    const before = await rowsOf(bob);
    const at = (days: number): Pin['at'] =>
      parseTimestamp(node.clock.now() + days * MICROSECONDS_PER_DAY + SECOND_US);

    const outcome = await handIn(alice, signed(alice, { message, at: at(366) }));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'pin-ahead', retryable: false });
    expect(await rowsOf(bob)).toBe(before);
    expect(await handIn(alice, signed(alice, { message, at: at(365) }))).toMatchObject({ kind: 'ok' });
  });

  it('is answered alike whether the recipient lists the message or has deleted it', async () => {
    const [listed, deleted] = [await delivered(), await delivered()];
    await node.strategies['source-chain'].remove({ holder: bob, message: deleted });
    const at = parseTimestamp(node.clock.now() + 400 * MICROSECONDS_PER_DAY);
    const both = async (said: Partial<Pin> = {}): Promise<readonly unknown[]> => [
      await handIn(alice, signed(alice, { message: listed, ...said })),
      await handIn(alice, signed(alice, { message: deleted, ...said })),
    ];
    const alike = async (said: Partial<Pin>, expected: object): Promise<void> => {
      const [one, other] = await both(said);
      expect(one).toMatchObject(expected);
      expect(other).toEqual(one);
    };

    await alike({ at }, { kind: 'refused', code: 'pin-ahead' });
    await alike({}, { kind: 'ok' });
    await node.context.writers.block(bob, alice);
    await alike({ pinned: false }, { kind: 'refused', code: 'recipient-refuses' });
  });

  it('changes nothing where a later one holds, in whichever order they come', async () => {
    const message = await delivered();
    const at = node.clock.now();
    const [one, two] = [signed(alice, { message, at }), signed(alice, { message, at, pinned: false })];
    const last = isLater(one, two) ? one : two;
    for (const pin of [one, two, two, one]) expect(await handIn(alice, pin)).toMatchObject({ kind: 'ok' });
    const earlier = signed(alice, { message, at: parseTimestamp(at - 1), pinned: !last.pinned });
    expect(await handIn(alice, earlier)).toMatchObject({ kind: 'ok' });

    expect(await pinned(message)).toBe(last.pinned);
  });

  it('is taken so often and no more', async () => {
    const message = await delivered();
    const from = node.clock.now();
    const said = (n: number): SignedPin =>
      signed(alice, { message, at: parseTimestamp(from + n), pinned: n % 2 === 0 });
    for (let n = 0; n < PINS_PER_MESSAGE; n += 1) await handIn(alice, said(n));
    const before = await rowsOf(bob);

    const outcome = await handIn(alice, said(PINS_PER_MESSAGE));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'pin-limit-reached' });
    expect(await rowsOf(bob)).toBe(before);
    // Bob has statements of his own left.
    expect(await node.strategies['source-chain'].pins.pin({ holder: bob, message }, true)).not.toBeNull();
    await node.strategies['source-chain'].remove({ holder: bob, message });
    const later = signed(alice, { message, at: parseTimestamp(node.clock.now() + SECOND_US) });
    expect(await handIn(alice, later)).toEqual(outcome);
  });

  it('is not even made by an agent that has made as many', async () => {
    const message = await delivered();
    const { pins } = node.strategies['source-chain'];
    for (let said = 0; said < PINS_PER_MESSAGE; said += 1)
      await pins.pin({ holder: bob, message }, said % 2 === 0);
    const before = await rowsOf(bob);

    await expect(pins.pin({ holder: bob, message }, true)).rejects.toThrow(PinLimitReachedError);
    expect(await rowsOf(bob)).toBe(before);
  });
});
