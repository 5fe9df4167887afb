import { expect } from '@jest/globals';
import {
  type AgentPubKey,
  FileNotFoundError,
  InvalidMessageError,
  type MessageFile,
  type MessageId,
  RemoteCallUnknownError,
} from '@musubi/messaging';
import { act, holds, pair, untilStatus } from './acts.js';
import { type Cases } from './cases.js';
import { type ConformanceHarness } from './harness.js';

const CHUNKS = 4;
/** The last one is not full. */
const SIZE = (CHUNKS - 1) * 256 * 1024 + 4321;

function contentOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 256);
}

interface Sending {
  readonly harness: ConformanceHarness;
  readonly pair: readonly [AgentPubKey, AgentPubKey];
  readonly file: MessageFile;
}

async function fileOf(harness: ConformanceHarness, size = SIZE): Promise<Sending> {
  const [alice, bob] = await pair(harness);
  return { harness, pair: [alice, bob], file: await harness.upload(alice, contentOf(size)) };
}

function draftOf({ file, harness, pair: [author, recipient] }: Sending): ReturnType<typeof harness.draft> {
  return { ...harness.draft(author, recipient), payload: { type: 'file', text: 'as agreed', file } };
}

async function expectWhole(sending: Sending, message: MessageId): Promise<void> {
  const { file, harness, pair } = sending;
  await harness.whenIdle();
  for (const holder of pair) {
    const { message: held, status } = await harness.strategy.messages.find({ holder, message });
    expect([status, held.payload]).toEqual(['delivered', { type: 'file', text: 'as agreed', file }]);
    expect(Buffer.compare(await harness.contentOf(holder, file), contentOf(file.size))).toBe(0);
  }
}

/** Steps two and three, once more. */
async function sendAgain({ harness, pair: [author] }: Sending, message: MessageId): Promise<void> {
  const receipt = await harness.strategy.send({ holder: author, message });
  if (receipt !== null) await harness.strategy.confirm(author, receipt);
  await untilStatus(harness, { holder: author, message }, 'delivered');
}

/** A message with a file is there with the whole file, or not at all. */
export const fileCases: Cases = {
  'delivers a file with the same bytes': async (harness) => {
    const sending = await fileOf(harness);

    const { message } = await act(harness, draftOf(sending));

    await expectWhole(sending, message.id);
  },

  'shows nothing of a file whose third chunk times out, and goes on from there': async (harness) => {
    const sending = await fileOf(harness);
    const [alice, bob] = sending.pair;
    const { message } = await harness.strategy.save(draftOf(sending));
    const calls = harness.loseThirdChunk();

    if (calls !== null) {
      await expect(harness.strategy.send({ holder: alice, message })).rejects.toThrow(RemoteCallUnknownError);
      expect(await holds(harness, bob, message)).toBe(false);
      await expect(harness.contentOf(bob, sending.file)).rejects.toThrow(FileNotFoundError);
    }
    await sendAgain(sending, message);

    // Three at first, of which the third was taken, and the last one.
    expect(calls?.() ?? CHUNKS).toBe(CHUNKS);
    await expectWhole(sending, message);
  },

  'goes on with a file that came in part when it is opened again': async (harness) => {
    const sending = await fileOf(harness);
    const [alice] = sending.pair;
    const { message } = await harness.strategy.save(draftOf(sending));
    if (harness.loseThirdChunk() !== null)
      await harness.strategy.send({ holder: alice, message }).catch(() => undefined);
    const reopened = { ...sending, harness: await harness.reopen() };

    await sendAgain(reopened, message);

    await expectWhole(reopened, message);
  },

  'saves no message with a file that its author does not hold, or that is another one': async (harness) => {
    const sending = await fileOf(harness, 10);
    const [alice, bob] = sending.pair;
    // The first message between two opens their place.
    await act(harness, harness.draft(alice, bob));
    await harness.whenIdle();
    const other = await harness.upload(bob, contentOf(10));
    const stored = await harness.storedCount();

    const foreign = harness.strategy.save(draftOf({ ...sending, file: other }));
    await expect(foreign).rejects.toThrow(FileNotFoundError);
    const larger = { ...sending.file, size: 11 };
    const changed = harness.strategy.save(draftOf({ ...sending, file: larger }));
    await expect(changed).rejects.toThrow(InvalidMessageError);

    expect(await harness.storedCount()).toBe(stored);
    expect(await harness.contentOf(alice, sending.file)).toHaveLength(10);
  },

  'frees a file with the last message of its holder that refers to it': async (harness) => {
    const sending = await fileOf(harness, 10);
    const [alice, bob] = sending.pair;
    const [first, second] = [await act(harness, draftOf(sending)), await act(harness, draftOf(sending))];
    await harness.whenIdle();

    await harness.strategy.remove({ holder: bob, message: first.message.id });
    expect(await harness.contentOf(bob, sending.file)).toHaveLength(10);
    await harness.strategy.remove({ holder: bob, message: second.message.id });

    await expect(harness.contentOf(bob, sending.file)).rejects.toThrow(FileNotFoundError);
    expect(await harness.contentOf(alice, sending.file)).toHaveLength(10);
  },
};
