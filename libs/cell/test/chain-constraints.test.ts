import { describe, expect, it } from '@jest/globals';
import { type ChainAuthor } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { violatedConstraint } from '@musubi/database';
import { expectNoSchemaDrift } from '@musubi/database/testing';
import { HeadMovedError } from '@musubi/messaging';
import { authorOf, keysOf } from './support/authors.js';
import { append, chainsOn, expectLinear, startedChain } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

/** A copy of one action, at another place or after another action. */
const COPY = `
  insert into action (space, author, seq, prev_hash, hash, at, type, signature)
  select space, author, $3, coalesce($4, prev_hash), hash, at, type, signature
  from action where space = $1 and author = $2 and seq = 2`;

const UNTAKEN = Buffer.alloc(32, 7);

describe('the tables of chains', () => {
  const database = lentDatabase();

  async function begin(name: string): Promise<ChainAuthor> {
    const author = authorOf(keysOf(name));
    await startedChain(chainsOn(database()), author);
    return author;
  }

  /** The constraint that refuses the copy. */
  async function refusal(author: ChainAuthor, seq: number, prev: Buffer | null): Promise<string | undefined> {
    const chain = [fromBase64Url(author.space), fromBase64Url(author.agent)];
    try {
      await database().dataSource.query(COPY, [...chain, seq, prev]);
      return undefined;
    } catch (error) {
      return violatedConstraint(error);
    }
  }

  it('refuse a second action at one seq', async () => {
    expect(await refusal(await begin('seq'), 2, UNTAKEN)).toBe('action_one_per_seq');
  });

  it('refuse a second action after one action', async () => {
    expect(await refusal(await begin('prev'), 9, null)).toBe('action_one_per_prev');
  });

  it('accept an action at a place and after an action that are both free', async () => {
    expect(await refusal(await begin('free'), 9, UNTAKEN)).toBeUndefined();
  });

  it('turn a write into HeadMovedError when its place is taken behind the head', async () => {
    const author = await begin('taken');
    await refusal(author, 3, UNTAKEN);
    const writing = append(chainsOn(database()), author, 'one');
    await expect(writing).rejects.toThrow(HeadMovedError);
  });

  it('refuse a second head of one chain', async () => {
    const { space, agent } = await begin('head');
    const row = [fromBase64Url(space), fromBase64Url(agent), 0, UNTAKEN];
    const sql = 'insert into chain_head (space, author, seq, hash) values ($1, $2, $3, $4)';
    const second = database().dataSource.query(sql, row);
    await expect(second).rejects.toThrow('chain_head_one_per_chain');
  });

  it('leave the chain whole after every refusal', async () => {
    const author = await begin('whole');
    await refusal(author, 2, UNTAKEN);
    await refusal(author, 9, null);
    await append(chainsOn(database()), author, 'one');
    await expectLinear(chainsOn(database()), author, 4);
  });

  it('are what the entity schemas say', async () => {
    await expect(expectNoSchemaDrift(database().dataSource)).resolves.toBeUndefined();
  });
});
