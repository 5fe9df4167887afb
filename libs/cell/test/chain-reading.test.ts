import { describe, expect, it } from '@jest/globals';
import { type ActionDraft, type ChainAuthor, type SourceChains, hashFrom } from '@musubi/cell';
import { type AgentKeys, OpenFailedError, fromBase64Url } from '@musubi/crypto';
import fc from 'fast-check';
import { GENESIS, NOON, authorOf, bytesOf, createDraft, keysOf } from './support/authors.js';
import { append, chainsOn, readAll, startedChain } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

const database = lentDatabase();

async function begin(keys: AgentKeys): Promise<[SourceChains, ChainAuthor]> {
  const [chains, author] = [chainsOn(database()), authorOf(keys)];
  await startedChain(chains, author);
  return [chains, author];
}

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hashFrom);
const links: fc.Arbitrary<ActionDraft> = fc
  .record({ base: hashes, target: hashes, tag: fc.uint8Array({ maxLength: 64 }) })
  .map((link) => ({ type: 'create-link', link }));
const creates: fc.Arbitrary<ActionDraft> = fc
  .record({
    type: fc.string({ unit: 'grapheme-ascii' }),
    visibility: fc.constantFrom('public', 'private'),
    content: fc.uint8Array({ maxLength: 64 }),
    stored: fc.uint8Array({ maxLength: 64 }),
  })
  .map((entry) => ({ type: 'create', entry }));

describe('reading a chain', () => {
  it('gives back created entries and links exactly as they were signed', async () => {
    const [chains, author] = await begin(keysOf('as signed'));
    const drafts = fc.array(fc.oneof(links, creates), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(drafts, async (some) => {
        const [place, actions] = await chains.write(author, async (write) => {
          const before = write.place(some.length);
          return [before, await write.append(some, NOON)] as const;
        });
        expect((await chains.read(place)).map(({ signed }) => signed)).toEqual(actions);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['none', null],
    ['an empty one', new Uint8Array()],
    ['some', bytesOf('proof')],
  ])('gives back the membrane proof of genesis: %s', async (name, membraneProof) => {
    const author = authorOf(keysOf(`proof ${name}`));
    await chainsOn(database()).start(author, { ...GENESIS, membraneProof });
    const [, pkg] = await readAll(chainsOn(database()), author);
    expect(pkg?.signed.action.content).toEqual({ type: 'agent-validation-pkg', membraneProof });
  });

  it('gives the actions of one place, in order', async () => {
    const [chains, author] = await begin(keysOf('one place'));
    await append(chains, author, 'one');
    await append(chains, author, 'two');
    const part = await chains.read({ space: author.space, author: author.agent, seq: 2, count: 2 });
    expect(part.map(({ signed }) => signed.action.seq)).toEqual([2, 3]);
  });

  it('gives each created entry with its stored body, and other actions with none', async () => {
    const [chains, author] = await begin(keysOf('bodies'));
    await append(chains, author, 'one');
    const bodies = (await readAll(chains, author)).map(({ body }) => body);
    expect(bodies).toEqual([null, null, null, Buffer.from('one')]);
  });

  it('gives nothing for a chain that there is not', async () => {
    expect(await readAll(chainsOn(database()), authorOf(keysOf('nobody')))).toEqual([]);
  });
});

describe('a private entry in the store of its author', () => {
  const DOMAIN = 'test/private';
  const secret = 'meet me under the clock';

  async function keep(keys: AgentKeys): Promise<Uint8Array> {
    const [chains, author] = await begin(keys);
    const draft = createDraft(secret, 'private');
    if (draft.type !== 'create') throw new Error('a private draft creates an entry');
    const entry = { ...draft.entry, stored: keys.seal(bytesOf(secret), DOMAIN) };
    await chains.write(author, (write) => write.append([{ type: 'create', entry }], NOON));
    const sql = 'select body from chain_entry where author = $1';
    const [row] = await database().dataSource.query<{ body: Buffer }[]>(sql, [fromBase64Url(keys.agent)]);
    if (row === undefined) throw new Error('no entry is stored');
    return row.body;
  }

  it('opens with the key of its author', async () => {
    const keys = keysOf('private author');
    expect(keys.open(await keep(keys), DOMAIN)).toEqual(bytesOf(secret));
  });

  it('does not open with the key of another agent', async () => {
    const body = await keep(keysOf('private to others'));
    expect(() => keysOf('nosy').open(body, DOMAIN)).toThrow(OpenFailedError);
  });

  /** The tables in one of whose rows a text is to be read. */
  async function tablesShowing(text: string): Promise<readonly string[]> {
    const { dataSource } = database();
    const tables = dataSource.entityMetadatas.map(({ tableName }) => tableName);
    const found = tables.map(async (table) => {
      const sql = `select from "${table}" as t where t::text like '%' || $1 || '%' limit 1`;
      const rows = await dataSource.query<unknown[]>(sql, [Buffer.from(text).toString('hex')]);
      return rows.length === 0 ? [] : [table];
    });
    return (await Promise.all(found)).flat();
  }

  it('does not show its text in any table', async () => {
    await keep(keysOf('private everywhere'));
    expect(await tablesShowing(secret)).toEqual([]);
  });

  it('would be found there if it were in the clear', async () => {
    const [chains, author] = await begin(keysOf('in the clear'));
    await append(chains, author, 'everybody may know');
    expect(await tablesShowing('everybody may know')).toEqual(['chain_entry']);
  });
});
