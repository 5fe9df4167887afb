import { expect } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type SignedReceipt, parseSpaceId } from '@musubi/messaging';
import { type Envelope, ReceiptNotary, messageEnvelope, receiptEnvelope } from '@musubi/receipts';
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
  letter: Envelope,
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
  title: 'A receipt is forged, or another agent delivers it',
  cells: everywhere({
    'ignores a receipt that a third agent signed in the recipient’s name': async (world) => {
      const [alice, bob] = await world.pair();
      const mallory = await world.newAgent();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const forged = { ...notary.signReceipt({ ...saved, status: 'delivered', by: mallory }), by: bob };

      await handIn(world, [mallory, alice], receiptEnvelope(forged));

      await expectLogged(world, 'caller-not-author', [sent.message, forged.signature]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'ignores the recipient’s own receipt with a raised status': async (world) => {
      const [alice, bob] = await world.pair();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const raised = {
        ...notary.signReceipt({ ...saved, status: 'delivered', by: bob }),
        status: 'read' as const,
      };

      await handIn(world, [bob, alice], receiptEnvelope(raised));

      await expectLogged(world, 'invalid-receipt', [sent.message, raised.signature]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'ignores a receipt that a third agent signed in its own name': async (world) => {
      const [alice, bob] = await world.pair();
      const mallory = await world.newAgent();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const own = notary.signReceipt({ ...saved, status: 'delivered', by: mallory });

      await handIn(world, [mallory, alice], receiptEnvelope(own));

      await expectLogged(world, 'invalid-receipt', [sent.message, own.signature]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'ignores the recipient’s own receipt for another message, or from another space': async (world) => {
      const [alice, bob] = await world.pair();
      const [sent, other] = [await world.save(alice, bob), await world.save(alice, bob)];
      const saved = await savedReceipt(world, sent);
      const notary = new ReceiptNotary(world.node.keyring);
      const ofOther = notary.signReceipt({ ...saved, message: other.message, status: 'delivered', by: bob });
      const elsewhere = parseSpaceId(toBase64Url(randomBytes(32)));
      const fromElsewhere = notary.signReceipt({ ...saved, space: elsewhere, status: 'delivered', by: bob });

      await handIn(world, [bob, alice], receiptEnvelope({ ...ofOther, message: sent.message }));
      await handIn(world, [bob, alice], receiptEnvelope(fromElsewhere));
      await handIn(world, [bob, alice], receiptEnvelope({ ...fromElsewhere, space: saved.space }));

      await expectLogged(world, 'invalid-receipt', [
        sent.message,
        ofOther.signature,
        fromElsewhere.signature,
      ]);
      expect((await world.find(sent)).receipts).toEqual([saved]);
    },

    'refuses a message that another agent than its author delivers': async (world) => {
      const [alice, bob] = await world.pair();
      const mallory = await world.newAgent();
      const sent = await world.save(alice, bob);
      const saved = await savedReceipt(world, sent);
      const { id, ...draft } = (await world.find(sent)).message;

      await handIn(world, [mallory, bob], messageEnvelope(draft, saved));

      await expectLogged(world, 'caller-not-author', [id, saved.signature]);
      expect(await rowsOf(world, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
    },
  }),
};

const badMail: Readonly<Record<string, FaultCase>> = {
  'ignores an entry that cannot be opened, and accepts the next one': async (world) => {
    const [alice, bob] = await world.pair();
    await world.deliver(alice, bob);
    const door = DOORS[world.strategy];

    await Promise.allSettled([door.content(world.node.context, [alice, bob], randomBytes(2048))]);

    await expectLogged(world, 'invalid-message', []);
    await world.deliver(alice, bob);
  },

  'accepts a message once when a second record carries it again': async (world) => {
    const [alice, bob] = await world.pair();
    const sent = await world.deliver(alice, bob);
    const saved = await savedReceipt(world, sent);
    const { id, ...draft } = (await world.find(sent)).message;
    const before = await world.find(sent, bob);

    await handIn(world, [alice, bob], messageEnvelope(draft, saved));

    await world.deliver(alice, bob);
    expect(await world.find(sent, bob)).toEqual(before);
    expect(await rowsOf(world, bob, id)).toEqual({ messages: 1, receipts: 2 });
  },

  'ignores a message that its author did not sign, and accepts the next one': async (world) => {
    const [alice, bob] = await world.pair();
    const sent = await world.deliver(alice, bob);
    const saved = await savedReceipt(world, sent);

    await handIn(world, [alice, bob], messageEnvelope(world.node.draft(alice, bob), saved));

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
    'global-dht': { ...badMail, 'accepts an entry once when a second link leads to it': linkedTwice },
  },
};

export const forgeryRows: readonly FaultRow[] = [forgedReceipt, badLinks];
