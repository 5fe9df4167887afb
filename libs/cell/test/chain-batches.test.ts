import { describe, expect, it } from '@jest/globals';
import { type ChainAppend, type ChainAuthor, type SignedAction, type SourceChains } from '@musubi/cell';
import { RowsStatement, violatedConstraint } from '@musubi/database';
import { type ChainPlace, HeadMovedError } from '@musubi/messaging';
import { NOON, authorOf, bytesOf, createDraft, keysOf, numbers } from './support/authors.js';
import { append, chainsOn, expectLinear, refuseCommits, startedChain } from './support/chains.js';
import { lentDatabase } from './support/lent-database.js';

const APPENDS = 200;
const database = lentDatabase();

/** A row that stands for whatever commits together with a chain: at most one of a name. */
const NOTE = new RowsStatement(
  'insert into agent_key (agent, sealed, is_attended) select *, false from unnest($1::bytea[], $2::bytea[])',
);

async function begin(name: string): Promise<[SourceChains, ChainAuthor]> {
  const [chains, author] = [chainsOn(database()), authorOf(keysOf(name))];
  await startedChain(chains, author);
  return [chains, author];
}

function noting(name: string, of: (place: ChainPlace) => string = () => ''): ChainAppend {
  const rows: ChainAppend['rows'] = (place) => [
    { statement: NOTE, rows: [[bytesOf(name), bytesOf(of(place))]] },
  ];
  return { drafts: [createDraft(name)], at: NOON, rows };
}

const bare = (text: string): ChainAppend => ({ drafts: [createDraft(text)], at: NOON, rows: () => [] });

async function noteOf(name: string): Promise<string | undefined> {
  const sql = 'select sealed from agent_key where agent = $1';
  const rows = await database().dataSource.query<{ sealed: Buffer }[]>(sql, [bytesOf(name)]);
  return rows[0]?.sealed.toString();
}

/** How many transactions wrote the actions after genesis. */
async function transactions({ space, agent }: ChainAuthor): Promise<number> {
  const [row] = await database().dataSource.query<{ count: number }[]>(
    'select count(distinct xmin::text)::int as count from action where space = $1 and author = $2 and seq >= 3',
    [Buffer.from(space, 'base64url'), Buffer.from(agent, 'base64url')],
  );
  return row?.count ?? 0;
}

describe('simultaneous appends', () => {
  it('share transactions, and stand on one line', async () => {
    const [chains, author] = await begin('share');
    await Promise.all(numbers(APPENDS).map((index) => chains.append(author, bare(`note ${index}`))));
    await expectLinear(chains, author, 3 + APPENDS);
    expect(await transactions(author)).toBeLessThan(APPENDS / 10);
  });

  it('are told where they stand', async () => {
    const [chains, author] = await begin('told');
    const written = await Promise.all(
      numbers(8).map((index) =>
        chains.append(
          author,
          noting(`told ${index}`, ({ seq }) => String(seq)),
        ),
      ),
    );
    const notes = await Promise.all(numbers(8).map((index) => noteOf(`told ${index}`)));
    expect(notes).toEqual(written.map(([first]) => String(first?.action.seq)));
  });

  it('fail alone when one cannot be written', async () => {
    const [chains, author] = await begin('alone');
    await chains.append(author, noting('twice'));
    const names = ['before', 'twice', 'after'];
    const ended = await Promise.allSettled(names.map((name) => chains.append(author, noting(name))));
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expectLinear(chains, author, 3 + 3);
    expect(await Promise.all(names.map(noteOf))).toEqual(['', '', '']);
  });

  it('leave nothing on the chain of what is refused with it', async () => {
    const [chains, author] = await begin('refused with it');
    await chains.append(author, noting('refused'));
    const refused = chains.append(author, noting('refused')).catch(violatedConstraint);
    expect(await refused).toBe('agent_key_one_per_agent');
    await expectLinear(chains, author, 4);
  });

  it('are placed after what another process wrote since this one looked', async () => {
    const [chains, author] = await begin('another process');
    await chains.append(author, bare('mine'));
    await append(chainsOn(database()), author, 'theirs');
    await Promise.all(['one', 'two', 'three'].map((text) => chains.append(author, bare(text))));
    await expectLinear(chains, author, 3 + 5);
  });

  it('of two processes all land on one line', async () => {
    const [chains, author] = await begin('two processes');
    const both = [chains, chainsOn(database())];
    const appends = numbers(64).flatMap((index) =>
      both.map((through, process) => through.append(author, bare(`${process}/${index}`))),
    );
    await Promise.all(appends);
    await expectLinear(chains, author, 3 + 128);
  });

  it('to a chain without genesis are refused', async () => {
    const author = authorOf(keysOf('no genesis'));
    await expect(chainsOn(database()).append(author, bare('one'))).rejects.toThrow(HeadMovedError);
  });
});

describe('an append with something to do before COMMIT', () => {
  it('is undone by what that throws, with its rows', async () => {
    const [chains, author] = await begin('undone');
    const within = (): Promise<void> => Promise.reject(new Error('after all'));
    await expect(chains.append(author, { ...noting('undone'), within })).rejects.toThrow('after all');
    expect(await noteOf('undone')).toBeUndefined();
    await expectLinear(chains, author, 3);
  });

  it('has everything written by then', async () => {
    const [chains, author] = await begin('by then');
    const seen: unknown[] = [];
    const within: ChainAppend['within'] = async (tx) => {
      seen.push(
        ...(await tx.query<unknown[]>('select 1 from agent_key where agent = $1', [bytesOf('by then')])),
      );
    };
    await chains.append(author, { ...noting('by then'), within });
    expect(seen).toHaveLength(1);
  });

  it('is undone by a commit that the server refuses', async () => {
    const [chains, author] = await begin('refused by the server');
    const accept = await refuseCommits(database(), author);
    const within = (): Promise<void> => Promise.resolve();
    const refused: Promise<readonly SignedAction[]> = chains.append(author, {
      ...noting('refused by the server'),
      within,
    });
    await expect(refused).rejects.toThrow('cut');
    await accept();
    expect(await noteOf('refused by the server')).toBeUndefined();
    await expectLinear(chains, author, 3);
  });
});
