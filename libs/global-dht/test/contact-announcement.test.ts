import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hashFrom } from '@musubi/cell';
import { AgentKeys, randomBytes, toBase64Url } from '@musubi/crypto';
import { type TestNode } from '@musubi/testing';
import { announceContact, announcedBy } from '../src/contact-announcement.js';
import { NodeProcess, openDeliveryNode } from './support/node-processes.js';

const newKeys = (): AgentKeys => AgentKeys.fromSeed(randomBytes(32));

describe('the announcement of a contact', () => {
  const holder = newKeys();
  const name = randomBytes(32);
  const announced = (): { base: ReturnType<typeof hashFrom>; author: string } => {
    const { base, author } = announceContact(holder, name, randomBytes);
    return { base: hashFrom(base), author: toBase64Url(author) };
  };

  it('gives its name to the keys that made it', () => {
    expect(announcedBy(holder, announced())).toBe(toBase64Url(name));
  });

  it('gives nothing to other keys', () => {
    expect(announcedBy(newKeys(), announced())).toBeNull();
  });

  it('repeats no value when the same contact is announced again', () => {
    const [first, second] = [announced(), announced()];
    expect(new Set([first.base, first.author, second.base, second.author]).size).toBe(4);
  });
});

describe('what is stored of a first contact', () => {
  let node: TestNode;
  let here: NodeProcess;

  beforeEach(async () => {
    node = await openDeliveryNode();
    here = new NodeProcess(node);
    await here.strategy.init();
  });

  afterEach(async () => {
    await here.strategy.destroy();
    await node.close();
  });

  it('is announced for both, and no announcement has a value of a contact, or names an agent', async () => {
    const [alice, bob] = [await here.newAgent(), await here.newAgent()];
    await here.send(alice, bob);
    for (let round = 0; round < 4; round += 1) await here.strategy.whenIdle();

    const [stored] = await node.context.db.query<{ announced: number; shared: number }[]>(`
      select count(*)::int as announced, count(c.key)::int as shared
      from dht_arrival a
      left join mailbox_contact c on a.base in (c.holder, c.key) or a.author in (c.holder, c.key)
      where a.seq = 0`);
    expect(stored).toEqual({ announced: 2, shared: 0 });
  });
});
