import { describe, expect, it } from '@jest/globals';
import { type Dht, type DhtLink, type LinkProgress, entryHash, linkPush } from '@musubi/cell';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { parseAgentPubKey } from '@musubi/messaging';
import fc from 'fast-check';
import { OpenMailbox } from '../src/open-mailbox.js';

const author = parseAgentPubKey(toBase64Url(randomBytes(32)));
const base = entryHash(Uint8Array.of(1));
const SEQS = [4, 6, 8, 10, 12];

function linkAt(seq: number, body: Uint8Array | null = Uint8Array.of(seq)): DhtLink {
  return { author, seq, target: entryHash(Uint8Array.of(seq)), tag: new Uint8Array(), body };
}

/** A DHT that says how often it was asked. */
class CountedDht implements Pick<Dht, 'links'> {
  asked = 0;
  readonly published: DhtLink[] = [];

  async *links(_space: unknown, _base: unknown, read: LinkProgress): AsyncGenerator<DhtLink> {
    this.asked += 1;
    yield* await Promise.resolve(this.published.filter(({ author: by, seq }) => !read.has(by, seq)));
  }
}

function open(dht: CountedDht): { readonly mailbox: OpenMailbox; readonly taken: number[] } {
  const mailbox = new OpenMailbox({ base, peer: author }, dht);
  mailbox.readAgain();
  return { mailbox, taken: [] };
}

const takeInto =
  (taken: number[]) =>
  ({ seq }: DhtLink): Promise<boolean> => {
    taken.push(seq);
    return Promise.resolve(true);
  };

describe('an open mailbox', () => {
  it('is read once, and then takes what is pushed without asking', async () => {
    const dht = new CountedDht();
    const { mailbox, taken } = open(dht);
    await mailbox.takeLinks(takeInto(taken));

    for (const seq of SEQS) {
      mailbox.hear(linkPush(linkAt(seq)));
      await mailbox.takeLinks(takeInto(taken));
    }

    expect([taken, dht.asked]).toEqual([SEQS, 1]);
  });

  it.each([
    ['comes without its entry', linkPush(linkAt(4, null))],
    ['comes with another entry', linkPush(linkAt(4, Uint8Array.of(99)))],
    ['comes before the one ahead of it', linkPush(linkAt(6))],
    ['is no link', { type: 'nothing' }],
  ])('is read when a push %s', async (_, push) => {
    const dht = new CountedDht();
    const { mailbox, taken } = open(dht);
    await mailbox.takeLinks(takeInto(taken));
    dht.published.push(linkAt(4), linkAt(6));

    mailbox.hear(push);
    await mailbox.takeLinks(takeInto(taken));

    expect([taken, dht.asked]).toEqual([[4, 6], 2]);
  });

  it('is not read at all when its first letter is pushed', async () => {
    const dht = new CountedDht();
    const mailbox = new OpenMailbox({ base, peer: author }, dht);
    const taken: number[] = [];

    mailbox.hear(linkPush(linkAt(4)));
    await mailbox.takeLinks(takeInto(taken));

    expect([taken, dht.asked]).toEqual([[4], 0]);
  });

  it.each([
    [
      'as many links as it has taken',
      (mailbox: OpenMailbox) => {
        mailbox.countIs(2);
      },
      0,
    ],
    [
      'more links than it has taken',
      (mailbox: OpenMailbox) => {
        mailbox.countIs(3);
      },
      1,
    ],
    [
      'a link that it has taken',
      (mailbox: OpenMailbox) => {
        mailbox.has(author, 6);
      },
      0,
    ],
    [
      'a link that it has not taken',
      (mailbox: OpenMailbox) => {
        mailbox.has(author, 8);
      },
      1,
    ],
  ])('is read only for more than it has: told of %s', async (_, tell, reads) => {
    const dht = new CountedDht();
    const mailbox = new OpenMailbox({ base, peer: author }, dht);
    const taken: number[] = [];
    dht.published.push(linkAt(4), linkAt(6), linkAt(8));
    for (const seq of [4, 6]) mailbox.hear(linkPush(linkAt(seq)));
    await mailbox.takeLinks(takeInto(taken));

    tell(mailbox);
    await mailbox.takeLinks(takeInto(taken));

    expect(dht.asked).toBe(reads);
    expect(taken).toEqual(reads === 0 ? [4, 6] : [4, 6, 8]);
  });

  it('is read again after a link that could not be taken', async () => {
    const dht = new CountedDht();
    const { mailbox, taken } = open(dht);
    await mailbox.takeLinks(takeInto(taken));
    dht.published.push(...SEQS.map((seq) => linkAt(seq)));
    mailbox.hear(linkPush(linkAt(4)));
    await expect(mailbox.takeLinks(() => Promise.reject(new Error('away')))).rejects.toThrow('away');

    await mailbox.takeLinks(takeInto(taken));

    expect(taken).toEqual(SEQS);
  });

  it('takes each link once, whichever pushes are lost, doubled or late', async () => {
    const push = fc.record({ seq: fc.constantFrom(...SEQS), times: fc.nat(2), isTakenNow: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(push, { maxLength: 12 }), async (pushes) => {
        const dht = new CountedDht();
        const { mailbox, taken } = open(dht);
        for (const { seq, times, isTakenNow } of pushes) {
          if (!dht.published.some((link) => link.seq === seq)) dht.published.push(linkAt(seq));
          for (let time = 0; time < times; time += 1) mailbox.hear(linkPush(linkAt(seq)));
          if (isTakenNow) await mailbox.takeLinks(takeInto(taken));
        }
        mailbox.readAgain();
        await mailbox.takeLinks(takeInto(taken));
        const published = dht.published.map(({ seq }) => seq);
        expect([...taken].sort((a, b) => a - b)).toEqual([...published].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});
