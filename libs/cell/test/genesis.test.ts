import { describe, expect, it } from '@jest/globals';
import { GENESIS_ACTIONS, type SourceChains, dnaHash, isAuthentic } from '@musubi/cell';
import { HeadMovedError } from '@musubi/messaging';
import { GENESIS, NOON, authorOf, bytesOf, keysOf, numbers } from './support/authors.js';
import { append, chainsOn, expectLinear, refuseCommits, readAll } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

describe('genesis', () => {
  const database = lentDatabase();
  const chains = (): SourceChains => chainsOn(database());

  it('is three actions, linked and signed', async () => {
    const author = authorOf(keysOf('linked'));
    await chains().start(author, GENESIS);
    expect(GENESIS_ACTIONS).toBe(3);
    await expectLinear(chains(), author, 3);
  });

  it('names the DNA, the membrane proof and the end of genesis, in this order', async () => {
    const author = authorOf(keysOf('contents'));
    const membraneProof = bytesOf('let in');
    await chains().start(author, { at: NOON, membraneProof });
    const contents = (await readAll(chains(), author)).map(({ signed }) => signed.action.content);
    expect(contents).toEqual([
      { type: 'dna', dna: dnaHash(author.dna) },
      { type: 'agent-validation-pkg', membraneProof: Buffer.from(membraneProof) },
      { type: 'init-zomes-complete' },
    ]);
  });

  it('happens once when a chain is started again', async () => {
    const author = authorOf(keysOf('again'));
    const [first, second] = [chains(), chains()];
    await first.start(author, GENESIS);
    await first.start(author, GENESIS);
    await second.start(author, GENESIS);
    await expectLinear(chains(), author, 3);
  });

  it('happens once when eight start it at the same moment', async () => {
    const author = authorOf(keysOf('eight'));
    await Promise.all(numbers(8).map(() => chains().start(author, GENESIS)));
    await expectLinear(chains(), author, 3);
  });

  it('stays the first one when another is tried', async () => {
    const author = authorOf(keysOf('first stays'));
    await chains().start(author, GENESIS);
    const before = await readAll(chains(), author);
    await chains().start(author, { at: NOON, membraneProof: bytesOf('another') });
    expect(await readAll(chains(), author)).toEqual(before);
  });

  it('leaves what was appended alone when it is repeated', async () => {
    const author = authorOf(keysOf('appended'));
    await chains().start(author, GENESIS);
    await append(chains(), author, 'one');
    await chains().start(author, GENESIS);
    await expectLinear(chains(), author, 4);
  });

  it('can be tried again after its commit failed', async () => {
    const author = authorOf(keysOf('failed once'));
    const [failing, accept] = [chains(), await refuseCommits(database(), author)];
    await expect(failing.start(author, GENESIS)).rejects.toThrow('cut');
    await accept();
    expect(await readAll(failing, author)).toEqual([]);
    await failing.start(author, GENESIS);
    await expectLinear(failing, author, 3);
  });

  it('is signed by its author alone', async () => {
    const author = authorOf(keysOf('signer'));
    const forger = { ...author, sign: (bytes: Uint8Array) => keysOf('forger').sign(bytes) };
    await chains().start(forger, GENESIS);
    const actions = await readAll(chains(), author);
    expect(actions.map(({ signed }) => isAuthentic(signed))).toEqual([false, false, false]);
  });

  it('comes before any write', async () => {
    const author = authorOf(keysOf('none'));
    await expect(append(chains(), author, 'too early')).rejects.toThrow(HeadMovedError);
  });

  it('gives no head to a chain that has none', async () => {
    const { space, agent } = authorOf(keysOf('nobody'));
    expect(await chains().head(space, agent)).toBeNull();
  });
});
