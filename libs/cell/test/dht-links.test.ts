import { describe, expect, it } from '@jest/globals';
import { Dht, type Hash, LinkProgress } from '@musubi/cell';
import { parseSpaceId } from '@musubi/messaging';
import fc from 'fast-check';
import { all } from './support/all.js';
import { SPACE, keysOf } from './support/authors.js';
import { lentDatabase } from './support/lent-database.js';
import { NotedSignals, baseOf, bodiesOf, createAction, linkAction } from './support/publishing.js';

const alice = keysOf('alice');
const bob = keysOf('bob');
const SEQS = [4, 6, 8, 10, 12, 14];

describe('reading links', () => {
  const database = lentDatabase();
  const openDht = (): Dht => new Dht(database().dataSource, new NotedSignals());

  async function publishLinks(base: Hash): Promise<void> {
    const actions = [alice, bob].flatMap((keys) => SEQS.map((seq) => linkAction(keys, base, seq)));
    await openDht().publish(actions, bodiesOf());
  }

  async function unread(base: Hash, progress: LinkProgress): Promise<readonly string[]> {
    return (await all(openDht().links(SPACE, base, progress))).map(({ author, seq }) => `${author}/${seq}`);
  }

  it('gives all of them to who has read none, each author in its own order', async () => {
    const base = baseOf('all');
    await publishLinks(base);
    const authors = [alice.agent, bob.agent].sort((a, b) =>
      Buffer.compare(Buffer.from(a, 'base64url'), Buffer.from(b, 'base64url')),
    );
    const expected = authors.flatMap((author) => SEQS.map((seq) => `${author}/${seq}`));
    expect(await unread(base, new LinkProgress())).toEqual(expected);
  });

  it('gives exactly those that were not read, in whatever order the others were', async () => {
    const base = baseOf('some');
    await publishLinks(base);
    const everything = [alice.agent, bob.agent].flatMap((author) => SEQS.map((seq) => ({ author, seq })));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(everything), async (read) => {
        const progress = new LinkProgress();
        for (const { author, seq } of read) progress.add(author, seq);
        const left = everything
          .filter((link) => !read.includes(link))
          .map(({ author, seq }) => `${author}/${seq}`);
        expect([...(await unread(base, progress))].sort()).toEqual(left.sort());
      }),
      { numRuns: 40 },
    );
  });

  it('gives none to who has read all', async () => {
    const base = baseOf('none');
    await publishLinks(base);
    const progress = new LinkProgress();
    for (const author of [alice.agent, bob.agent]) for (const seq of SEQS) progress.add(author, seq);
    expect(await unread(base, progress)).toEqual([]);
  });

  it('gives all, where there are more than one answer of the database holds', async () => {
    const base = baseOf('many');
    const authors = Array.from({ length: 3 }, (_, index) => keysOf(`author ${index}`));
    const seqs = Array.from({ length: 130 }, (_, index) => 4 + 2 * index);
    const actions = authors.flatMap((keys) => seqs.map((seq) => linkAction(keys, base, seq)));
    await openDht().publish(actions, bodiesOf());

    const progress = new LinkProgress();
    const read = new Set<string>();
    for await (const { author, seq } of openDht().links(SPACE, base, progress)) {
      progress.add(author, seq);
      read.add(`${author}/${seq}`);
    }

    const expected = authors.flatMap(({ agent }) => seqs.map((seq) => `${agent}/${seq}`));
    expect([...read].sort()).toEqual(expected.sort());
    expect(await unread(base, new LinkProgress())).toHaveLength(expected.length);
  });

  it('gives those of one base only', async () => {
    await publishLinks(baseOf('one base'));
    expect(await unread(baseOf('another base'), new LinkProgress())).toEqual([]);
  });

  it('gives those of one space only', async () => {
    const base = baseOf('one space');
    await publishLinks(base);
    expect(await all(openDht().links(parseSpaceId(base), base, new LinkProgress()))).toEqual([]);
  });

  it('brings the entry that a link leads to, once it is there', async () => {
    const base = baseOf('brings');
    const bodies = async (): Promise<readonly unknown[]> =>
      (await all(openDht().links(SPACE, base, new LinkProgress()))).map(({ body }) => body);
    await openDht().publish([linkAction(alice, base, 1000)], bodiesOf());
    expect(await bodies()).toEqual([null]);
    await openDht().publish([createAction(alice, 'letter 1000')], bodiesOf('letter 1000'));
    expect(await bodies()).toEqual([Buffer.from('letter 1000')]);
  });
});

describe('LinkProgress', () => {
  it('remembers links that follow on one another as one number', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(SEQS, { minLength: SEQS.length }), (order) => {
        const progress = new LinkProgress();
        for (const seq of order) progress.add(alice.agent, seq);
        expect([progress.through(), progress.beyond()]).toEqual([[[alice.agent, 14]], []]);
      }),
    );
  });

  it('remembers each link beyond a gap', () => {
    const progress = new LinkProgress();
    for (const seq of [4, 8, 12]) progress.add(alice.agent, seq);
    expect(progress.through()).toEqual([[alice.agent, 4]]);
    expect(progress.beyond()).toEqual([8, 12].map((seq) => [alice.agent, seq]));
  });
});
