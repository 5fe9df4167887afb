import { expect } from '@jest/globals';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { type AgentPubKey, type SignedReceipt, parseSpaceId } from '@musubi/messaging';
import { type Envelope, ReceiptNotary, messageEnvelope, receiptEnvelope } from '@musubi/receipts';
import { DOORS } from '../doors.js';
import { type FaultCase, type FaultRow, everywhere } from '../fault-row.js';
import { untilLogged } from '../logged.js';
import { type Sent } from '../sent.js';
import { lettersBeyond, rowsOf, shown } from '../stored.js';
import { type Testbed } from '../testbed.js';

async function savedReceipt(testbed: Testbed, sent: Sent): Promise<SignedReceipt> {
  const [saved] = (await testbed.find(sent)).receipts;
  if (saved === undefined) throw new Error('a message without its saved receipt');
  return saved;
}

/** Hands a letter in. The door may say no, or take it and throw it away. */
async function handIn(
  testbed: Testbed,
  pair: readonly [AgentPubKey, AgentPubKey],
  letter: Envelope,
): Promise<void> {
  await Promise.allSettled([DOORS[testbed.strategy].letter(testbed.home(pair[0]).context, pair, letter)]);
}

/** The log says that something was refused, and nothing of what, from whom, or to whom. */
async function expectLogged(
  testbed: Testbed,
  { by, code, secrets = [] }: { by: AgentPubKey; code: string; secrets?: readonly string[] },
): Promise<void> {
  const lines = await untilLogged(testbed.home(by), code);

  expect([...testbed.agents, 'hello', ...secrets].filter((secret) => lines.includes(secret))).toEqual([]);
}

const forgedReceipt: FaultRow = {
  fault: 'F11',
  title: 'A receipt is forged, or another agent delivers it',
  cells: everywhere({
    'ignores a receipt that a third agent signed in the recipient’s name': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const mallory = await testbed.newAgent(testbed.home(bob));
      const sent = await testbed.save(alice, bob);
      const saved = await savedReceipt(testbed, sent);
      const notary = new ReceiptNotary(testbed.home(bob).keyring);
      const forged = { ...notary.signReceipt({ ...saved, status: 'delivered', by: mallory }), by: bob };

      await handIn(testbed, [mallory, alice], receiptEnvelope(forged));

      await expectLogged(testbed, {
        by: alice,
        code: 'caller-not-author',
        secrets: [sent.message, forged.signature],
      });
      expect((await testbed.find(sent)).receipts).toEqual([saved]);
    },

    'ignores the recipient’s own receipt with a raised status': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const sent = await testbed.save(alice, bob);
      const saved = await savedReceipt(testbed, sent);
      const notary = new ReceiptNotary(testbed.home(bob).keyring);
      const raised = {
        ...notary.signReceipt({ ...saved, status: 'delivered', by: bob }),
        status: 'read' as const,
      };

      await handIn(testbed, [bob, alice], receiptEnvelope(raised));

      await expectLogged(testbed, {
        by: alice,
        code: 'invalid-receipt',
        secrets: [sent.message, raised.signature],
      });
      expect((await testbed.find(sent)).receipts).toEqual([saved]);
    },

    'ignores a receipt that a third agent signed in its own name': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const mallory = await testbed.newAgent(testbed.home(bob));
      const sent = await testbed.save(alice, bob);
      const saved = await savedReceipt(testbed, sent);
      const notary = new ReceiptNotary(testbed.home(bob).keyring);
      const own = notary.signReceipt({ ...saved, status: 'delivered', by: mallory });

      await handIn(testbed, [mallory, alice], receiptEnvelope(own));

      await expectLogged(testbed, {
        by: alice,
        code: 'invalid-receipt',
        secrets: [sent.message, own.signature],
      });
      expect((await testbed.find(sent)).receipts).toEqual([saved]);
    },

    'ignores the recipient’s own receipt for another message, or from another space': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const [sent, other] = [await testbed.save(alice, bob), await testbed.save(alice, bob)];
      const saved = await savedReceipt(testbed, sent);
      const notary = new ReceiptNotary(testbed.home(bob).keyring);
      const ofOther = notary.signReceipt({ ...saved, message: other.message, status: 'delivered', by: bob });
      const elsewhere = parseSpaceId(toBase64Url(randomBytes(32)));
      const fromElsewhere = notary.signReceipt({ ...saved, space: elsewhere, status: 'delivered', by: bob });

      await handIn(testbed, [bob, alice], receiptEnvelope({ ...ofOther, message: sent.message }));
      await handIn(testbed, [bob, alice], receiptEnvelope(fromElsewhere));
      await handIn(testbed, [bob, alice], receiptEnvelope({ ...fromElsewhere, space: saved.space }));

      await expectLogged(testbed, {
        by: alice,
        code: 'invalid-receipt',
        secrets: [sent.message, ofOther.signature, fromElsewhere.signature],
      });
      expect((await testbed.find(sent)).receipts).toEqual([saved]);
    },

    'refuses a message that another agent than its author delivers': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const mallory = await testbed.newAgent();
      const sent = await testbed.save(alice, bob);
      const saved = await savedReceipt(testbed, sent);
      const { id, ...draft } = (await testbed.find(sent)).message;

      await handIn(testbed, [mallory, bob], messageEnvelope(draft, saved));

      await expectLogged(testbed, { by: bob, code: 'caller-not-author', secrets: [id, saved.signature] });
      expect(await rowsOf(testbed, bob, sent.message)).toEqual({ messages: 0, receipts: 0 });
    },
  }),
};

const badMail: Readonly<Record<string, FaultCase>> = {
  'ignores an entry that cannot be opened, and accepts the next one': async (testbed) => {
    const [alice, bob] = await testbed.pair();
    await testbed.deliver(alice, bob);
    const door = DOORS[testbed.strategy];

    await Promise.allSettled([door.content(testbed.home(alice).context, [alice, bob], randomBytes(2048))]);

    await expectLogged(testbed, { by: bob, code: 'invalid-message' });
    await testbed.deliver(alice, bob);
  },

  'accepts a message once when a second record carries it again': async (testbed) => {
    const [alice, bob] = await testbed.pair();
    const sent = await testbed.deliver(alice, bob);
    const saved = await savedReceipt(testbed, sent);
    const { id, ...draft } = (await testbed.find(sent)).message;
    const before = await testbed.find(sent, bob);

    await handIn(testbed, [alice, bob], messageEnvelope(draft, saved));

    await testbed.deliver(alice, bob);
    expect(await testbed.find(sent, bob)).toEqual(before);
    expect(await rowsOf(testbed, bob, id)).toEqual({ messages: 1, receipts: 2 });
  },

  'ignores a message that its author did not sign, and accepts the next one': async (testbed) => {
    const [alice, bob] = await testbed.pair();
    const sent = await testbed.deliver(alice, bob);
    const saved = await savedReceipt(testbed, sent);

    await handIn(testbed, [alice, bob], messageEnvelope(testbed.home(alice).draft(alice, bob), saved));

    await expectLogged(testbed, { by: bob, code: 'invalid-message', secrets: [saved.signature] });
    await testbed.deliver(alice, bob);
  },
};

/** Every letter that Alice wrote to Bob is linked a second time. */
const linkedTwice: FaultCase = async (testbed) => {
  const [alice, bob] = await testbed.pair();
  const known = await shown(testbed, 'dht_entry');
  const sent = await testbed.deliver(alice, bob);
  const links = (await shown(testbed, 'dht_link')).size;
  const before = await testbed.find(sent, bob);

  for (const body of await lettersBeyond(testbed, known)) {
    await DOORS[testbed.strategy].content(testbed.node.context, [alice, bob], body);
  }

  await testbed.deliver(alice, bob);
  expect((await shown(testbed, 'dht_link')).size).toBeGreaterThan(links + 1);
  expect(await testbed.find(sent, bob)).toEqual(before);
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
