import { describe, expect, it } from '@jest/globals';
import { Dht, LinkProgress, type SignedAction, entryHash, hashBytes } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { InvalidRecordError } from '@musubi/messaging';
import { all } from './support/all.js';
import { SPACE, bytesOf, keysOf, numbers } from './support/authors.js';
import { lentDatabase } from './support/lent-database.js';
import { NotedSignals, baseOf, bodiesOf, createAction, linkAction } from './support/publishing.js';

const alice = keysOf('alice');
const NOTHING = bodiesOf();
const database = lentDatabase();
const openDht = (signals = new NotedSignals()): Dht => new Dht(database().dataSource, signals);

async function rows(): Promise<number> {
  const sql = 'select (select count(*) from dht_entry) + (select count(*) from dht_link) as rows';
  const [row] = await database().dataSource.query<{ rows: string }[]>(sql);
  return Number(row?.rows);
}

/** What the space has of an entry. */
async function stored(text: string): Promise<Uint8Array | undefined> {
  const sql = 'select body from dht_entry where space = $1 and hash = $2';
  const key = [fromBase64Url(SPACE), hashBytes(entryHash(bytesOf(text)))];
  return (await database().dataSource.query<{ body: Uint8Array }[]>(sql, key))[0]?.body;
}

describe('publishing', () => {
  it('lets anybody in the space fetch an entry', async () => {
    await openDht().publish([createAction(alice, 'hello')], bodiesOf('hello'));
    expect(await stored('hello')).toEqual(Buffer.from('hello'));
  });

  it('lets anybody in the space follow a link', async () => {
    const base = baseOf('follow');
    await openDht().publish([linkAction(alice, base, 4)], NOTHING);
    const target = entryHash(bytesOf('letter 4'));
    const expected = { author: alice.agent, seq: 4, target, tag: Buffer.from('tag 4'), body: null };
    expect(await all(openDht().links(SPACE, base, new LinkProgress()))).toEqual([expected]);
  });

  it('writes once what is published again', async () => {
    const actions = [createAction(alice, 'again'), linkAction(alice, baseOf('again'), 4)];
    await openDht().publish(actions, bodiesOf('again'));
    const before = await rows();
    await openDht().publish(actions, bodiesOf('again'));
    expect(await rows()).toBe(before);
  });

  it('writes once what eight publish at the same moment', async () => {
    const base = baseOf('eight');
    const links = [4, 6, 8].map((seq) => linkAction(alice, base, seq));
    const before = await rows();
    const orders = numbers(8).map((index) => (index % 2 === 0 ? links : [...links].reverse()));
    await Promise.all(orders.map((actions) => openDht().publish(actions, NOTHING)));
    expect(await rows()).toBe(before + 3);
  });

  it('keeps a private entry out, even when its body is handed in', async () => {
    await openDht().publish([createAction(alice, 'private', 'private')], bodiesOf('private'));
    expect(await stored('private')).toBeUndefined();
  });

  it('does not need the body of a private entry', async () => {
    await expect(
      openDht().publish([createAction(alice, 'kept', 'private')], NOTHING),
    ).resolves.toBeUndefined();
  });
});

describe('publishing what is not right', () => {
  const forged = (): SignedAction => {
    const { action, hash } = linkAction(alice, baseOf('forged'), 4);
    return { action, hash, signature: linkAction(keysOf('mallory'), baseOf('forged'), 4).signature };
  };

  it('is refused when the author did not sign the action', async () => {
    await expect(openDht().publish([forged()], NOTHING)).rejects.toThrow(InvalidRecordError);
  });

  it('writes nothing of a batch in which one action is forged', async () => {
    const before = await rows();
    const batch = [createAction(alice, 'beside'), linkAction(alice, baseOf('beside'), 4), forged()];
    await expect(openDht().publish(batch, bodiesOf('beside'))).rejects.toThrow(InvalidRecordError);
    expect(await rows()).toBe(before);
  });

  it('is refused when a public entry comes without its body', async () => {
    await expect(openDht().publish([createAction(alice, 'no body')], NOTHING)).rejects.toThrow(
      InvalidRecordError,
    );
  });

  it('is refused when a public entry comes with the body of another', async () => {
    const action = createAction(alice, 'right');
    const swapped = new Map([[entryHash(bytesOf('right')), bytesOf('wrong')]]);
    await expect(openDht().publish([action], swapped)).rejects.toThrow(InvalidRecordError);
    await openDht().publish([action], bodiesOf('right'));
    expect(await stored('right')).toEqual(Buffer.from('right'));
  });

  it('pushes nothing', async () => {
    const signals = new NotedSignals();
    await expect(openDht(signals).publish([forged()], NOTHING)).rejects.toThrow(InvalidRecordError);
    expect(signals.noted).toEqual([]);
  });
});

describe('the push to who watches a base', () => {
  it('names the base of each link', async () => {
    const signals = new NotedSignals();
    const [one, two] = [baseOf('one'), baseOf('two')];
    const actions = [createAction(alice, 'pushed'), linkAction(alice, one, 4), linkAction(alice, two, 6)];
    await openDht(signals).publish(actions, bodiesOf('pushed'));
    expect(signals.noted).toEqual([one, two]);
  });

  it('comes when the link can be read', async () => {
    const base = baseOf('readable');
    const reads: Promise<unknown>[] = [];
    const signals = new NotedSignals(() => reads.push(all(openDht().links(SPACE, base, new LinkProgress()))));
    await openDht(signals).publish([linkAction(alice, base, 4)], NOTHING);
    expect(await Promise.all(reads)).toEqual([[expect.objectContaining({ seq: 4 })]]);
  });

  it('does not come when the commit itself fails', async () => {
    await database().dataSource.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'refused at commit'; end $$;
      create constraint trigger refuse after insert on dht_link deferrable initially deferred
        for each row when (new.seq = 666) execute function refuse()`);
    const signals = new NotedSignals();
    const publishing = openDht(signals).publish([linkAction(alice, baseOf('late'), 666)], NOTHING);
    await expect(publishing).rejects.toThrow('refused at commit');
    expect(signals.noted).toEqual([]);
  });
});
