import { expect } from '@jest/globals';
import { randomBytes } from '@musubi/crypto';
import { type AgentPubKey, type SignedReceipt } from '@musubi/messaging';
import { type Letter, ReceiptNotary, messageLetter, receiptLetter } from '@musubi/receipts';
import { DOORS } from '../doors.js';
import { type FaultCase, type FaultRow, everywhere } from '../fault-row.js';
import { untilLogged } from '../logged.js';
import { type Sent } from '../sent.js';
import { lettersBeyond, rowsOf, shown } from '../stored.js';
import { type World } from '../world.js';

async function savedReceipt(world: World, sent: Sent): Promise<SignedReceipt> {
  const [saved] = (await world.find(sent)).receipts;
  if (saved === undefined) throw new Error('a message without its saved receipt');
  return saved;
}

/** Hands a letter in. The door may say no, or take it and throw it away. */
async function handIn(
  world: World,
  pair: readonly [AgentPubKey, AgentPubKey],
  letter: Letter,
): Promise<void> {
  await Promise.allSettled([DOORS[world.strategy].letter(world.node.context, pair, letter)]);
}

/** The log says that something was refused, and nothing of what, from whom, or to whom. */
async function expectLogged(world: World, code: string, secrets: readonly string[]): Promise<void> {
  const lines = await untilLogged(world.node, code);

  expect([...world.agents, 'hello', ...secrets].filter((secret) => lines.includes(secret))).toEqual([]);
}

const forgedReceipt: FaultRow = {
  fault: 'F11',
  title: 'A receipt is forged, or somebody else hands it in',
  cells: everywhere({
    'changes nothing for a receipt that a third agent signed in the recipient’s name': async (world) => {
      const [alice, bob] = await world.pair();
      const mallory = await world.newAgent();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const forged = { ...notary.signReceipt({ ...saved, status: 'delivered', by: mallory }), by: bob };

      await handIn(world, [mallory, alice], receiptLetter(forged));

      await expectLogged(world, 'caller-not-author', [sent.message, forged.signature]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'changes nothing for the recipient’s own receipt with its status raised': async (world) => {
      const [alice, bob] = await world.pair();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const raised = {
        ...notary.signReceipt({ ...saved, status: 'delivered', by: bob }),
        status: 'read' as const,
      };

      await handIn(world, [bob, alice], receiptLetter(raised));

      await expectLogged(world, 'invalid-receipt', [sent.message, raised.signature]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'keeps no message that somebody else than its author hands in': async (world) => {
      const [alice, bob] = await world.pair();
      const mallory = await world.newAgent();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const { id, ...draft } = (await world.find(sent)).message;

      await handIn(world, [mallory, bob], messageLetter(draft, saved));

      await expectLogged(world, 'caller-not-author', [id, saved.signature]);
      expect(await rowsOf(world, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
    },
  }),
};

const badMail: Readonly<Record<string, FaultCase>> = {
  'ignores what cannot be opened, and takes what comes after it in the same place': async (world) => {
    const [alice, bob] = await world.pair();
    await world.deliver(alice, bob);
    const door = DOORS[world.strategy];

    await Promise.allSettled([door.content(world.node.context, [alice, bob], randomBytes(2048))]);

    await expectLogged(world, 'invalid-message', []);
    await world.deliver(alice, bob);
  },

  'takes once what comes a second time as another record': async (world) => {
    const [alice, bob] = await world.pair();
    const sent = await world.deliver(alice, bob);
    const saved = await savedReceipt(world, sent);
    const { id, ...draft } = (await world.find(sent)).message;
    const before = await world.find(sent, bob);

    await handIn(world, [alice, bob], messageLetter(draft, saved));

    await world.deliver(alice, bob);
    expect(await world.find(sent, bob)).toEqual(before);
    expect(await rowsOf(world, bob, id)).toEqual({ messages: 1, receipts: 2 });
  },

  'ignores a message that its author did not sign, and takes what comes after it': async (world) => {
    const [alice, bob] = await world.pair();
    const sent = await world.deliver(alice, bob);
    const saved = await savedReceipt(world, sent);

    await handIn(world, [alice, bob], messageLetter(world.node.draft(alice, bob), saved));

    await expectLogged(world, 'invalid-message', [saved.signature]);
    await world.deliver(alice, bob);
  },
};

/** Every letter that Alice wrote to Bob is linked a second time. */
const linkedTwice: FaultCase = async (world) => {
  const [alice, bob] = await world.pair();
  const known = await shown(world, 'dht_entry');
  const sent = await world.deliver(alice, bob);
  const links = (await shown(world, 'dht_link')).size;
  const before = await world.find(sent, bob);

  for (const body of await lettersBeyond(world, known)) {
    await DOORS[world.strategy].content(world.node.context, [alice, bob], body);
  }

  await world.deliver(alice, bob);
  expect((await shown(world, 'dht_link')).size).toBeGreaterThan(links + 1);
  expect(await world.find(sent, bob)).toEqual(before);
};

const badLinks: FaultRow = {
  fault: 'F16',
  title: 'A link is duplicate or forged, or its entry cannot be opened',
  cells: {
    ...everywhere(badMail),
    'global-dht': { ...badMail, 'takes once what a second link leads to': linkedTwice },
  },
};

export const forgeryRows: readonly FaultRow[] = [forgedReceipt, badLinks];
