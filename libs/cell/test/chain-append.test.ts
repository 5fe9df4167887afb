import { describe, expect, it } from '@jest/globals';
import {
  type ActionDraft,
  type ChainAuthor,
  type SignedAction,
  type SourceChains,
  entryHash,
  hashFrom,
  isAuthentic,
} from '@musubi/cell';
import { parseSpaceId } from '@musubi/messaging';
import { NOON, authorOf, bytesOf, createDraft, keysOf } from './support/authors.js';
import { append, chainsOn, expectLinear, refuseCommits, readAll, startedChain } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

const database = lentDatabase();

async function begin(name: string): Promise<[SourceChains, ChainAuthor]> {
  const [chains, author] = [chainsOn(database()), authorOf(keysOf(name))];
  await startedChain(chains, author);
  return [chains, author];
}

const link: ActionDraft = {
  type: 'create-link',
  link: { base: hashFrom(new Uint8Array(32)), target: entryHash(bytesOf('target')), tag: bytesOf('tag') },
};

describe('append', () => {
  it('continues the head by seq and prev', async () => {
    const [chains, author] = await begin('continues');
    const head = await chains.head(author.space, author.agent);
    const [first] = await append(chains, author, 'one');
    expect(first?.action).toMatchObject({ seq: 3, prev: head?.hash });
  });

  it('links the actions of one write to one another', async () => {
    const [chains, author] = await begin('links');
    await chains.write(author, (write) => write.append([createDraft('one'), link, createDraft('two')], NOON));
    await expectLinear(chains, author, 6);
  });

  it('continues what the same write appended before', async () => {
    const [chains, author] = await begin('twice in one');
    await chains.write(author, async (write) => {
      await write.append([createDraft('one')], NOON);
      await write.append([createDraft('two')], NOON);
    });
    await expectLinear(chains, author, 5);
  });

  it('signs each action with the key of its author', async () => {
    const [chains, author] = await begin('signs');
    const actions = await chains.write(author, (write) => write.append([createDraft('one'), link], NOON));
    expect(actions.map(isAuthentic)).toEqual([true, true]);
  });

  it('refers to an entry by the hash of its content, not of its stored body', async () => {
    const [chains, author] = await begin('refers');
    const entry = {
      type: 'note',
      visibility: 'private',
      content: bytesOf('said'),
      stored: bytesOf('kept'),
    } as const;
    const [made] = await chains.write(author, (write) => write.append([{ type: 'create', entry }], NOON));
    const expected = { hash: entryHash(bytesOf('said')), type: 'note', visibility: 'private' };
    expect(made?.action.content).toEqual({ type: 'create', entry: expected });
  });

  it('places the actions where the write said they would stand', async () => {
    const [chains, author] = await begin('place');
    const [place, actions] = await chains.write(author, async (write) => {
      const before = write.place(2);
      return [before, await write.append([createDraft('one'), createDraft('two')], NOON)] as const;
    });
    expect((await chains.read(place)).map(({ signed }) => signed)).toEqual(actions);
  });

  it('leaves the chain as it was when there is nothing to append', async () => {
    const [chains, author] = await begin('nothing');
    await chains.write(author, (write) => write.append([], NOON));
    await expectLinear(chains, author, 3);
  });

  it('keeps an entry once that two actions create', async () => {
    const [chains, author] = await begin('same entry');
    await append(chains, author, 'same');
    await append(chains, author, 'same');
    const bodies = (await readAll(chains, author)).slice(3).map(({ body }) => body);
    expect(bodies).toEqual([Buffer.from('same'), Buffer.from('same')]);
  });

  it('keeps the chains of one agent in two spaces apart', async () => {
    const [chains, author] = await begin('two spaces');
    const elsewhere = { ...author, space: parseSpaceId(keysOf('a space').agent) };
    await startedChain(chains, elsewhere);
    await append(chains, author, 'here');
    await expectLinear(chains, author, 4);
    await expectLinear(chains, elsewhere, 3);
  });
});

describe('a write that fails', () => {
  it('leaves nothing when its work throws', async () => {
    const [chains, author] = await begin('throws');
    const failing = chains.write(author, async (write) => {
      await write.append([createDraft('one')], NOON);
      throw new Error('after all');
    });
    await expect(failing).rejects.toThrow('after all');
    await expectLinear(chains, author, 3);
  });

  it('leaves no entry when its work throws', async () => {
    const [chains, author] = await begin('throws, entry');
    const failing = chains.write(author, async (write): Promise<readonly SignedAction[]> => {
      await write.append([createDraft('never kept')], NOON);
      throw new Error('after all');
    });
    await expect(failing).rejects.toThrow('after all');
    const sql = 'select from chain_entry where body = $1';
    expect(await database().dataSource.query(sql, [Buffer.from('never kept')])).toEqual([]);
  });

  it('leaves nothing when its commit is refused', async () => {
    const [chains, author] = await begin('refused');
    const accept = await refuseCommits(database(), author);
    await expect(append(chains, author, 'one')).rejects.toThrow('cut');
    await accept();
    await expectLinear(chains, author, 3);
  });

  it('takes with it the rows that were to commit together', async () => {
    const [chains, author] = await begin('together');
    const accept = await refuseCommits(database(), author);
    const writing = chains.write(author, async (write) => {
      const row = [Buffer.from('rolled back'), Buffer.from('sealed'), true];
      await write.tx.query('insert into agent_key (agent, sealed, is_attended) values ($1, $2, $3)', row);
      await write.append([createDraft('one')], NOON);
    });
    await expect(writing).rejects.toThrow('cut');
    await accept();
    const sql = 'select from agent_key where agent = $1';
    expect(await database().dataSource.query(sql, [Buffer.from('rolled back')])).toEqual([]);
  });

  it('does not stand in the way of the next', async () => {
    const [chains, author] = await begin('next');
    const accept = await refuseCommits(database(), author);
    await expect(append(chains, author, 'one')).rejects.toThrow('cut');
    await accept();
    await append(chains, author, 'two');
    await expectLinear(chains, author, 4);
  });
});
