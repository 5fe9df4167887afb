import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { openDeliveryDatabase } from '@musubi/testing';
import { expectAllIsWell } from './closing-check.js';
import { type Sent } from './sent.js';
import { Testbed, oneNode } from './testbed.js';

let database: TestDatabase;
let testbed: Testbed;
let sent: Sent;

beforeAll(async () => {
  database = await openDeliveryDatabase();
});

beforeEach(async () => {
  testbed = await Testbed.open('source-chain', oneNode(database));
  sent = await testbed.deliver(...(await testbed.pair()));
});

afterEach(async () => {
  // What a test took away or made up must not be found by the next.
  await database.dataSource.query('truncate action, chain_head, chain_entry, history, receipt, outbox');
  await testbed.close();
});

afterAll(() => database.close());

/** Takes a message out of its holder's history behind everybody's back. */
async function lose(holder: AgentPubKey): Promise<void> {
  await database.dataSource.query('delete from history where holder = $1 and key = $2', [
    fromBase64Url(holder),
    blindedKey(testbed.keysOf(holder), sent.message),
  ]);
}

describe('the closing check', () => {
  it('holds when nothing went wrong', async () => {
    await expectAllIsWell(testbed);
  });

  it('fails when the author is shown a receipt of what the recipient does not hold', async () => {
    await lose(sent.recipient);

    await expect(expectAllIsWell(testbed)).rejects.toThrow('author holds 1 × delivered, recipient nothing');
  });

  it('fails when the recipient held nothing at the moment of the receipt, though it does now', async () => {
    const other = await testbed.save(sent.author, sent.recipient);
    const signal = { type: 'receipt', strategy: 'source-chain', message: other.message, status: 'delivered' };
    testbed.node.signals.emit(sent.author, signal);

    await expect(expectAllIsWell(testbed)).rejects.toThrow(`${other.message} was a phantom`);
  });

  it('fails when what was answered as saved is lost', async () => {
    await lose(sent.author);
    await lose(sent.recipient);

    await expect(expectAllIsWell(testbed)).rejects.toThrow('lost: message');
  });

  it('fails when somebody holds what nobody is known to have sent', async () => {
    await testbed.node.save('source-chain', [sent.author, sent.recipient]);

    await expect(expectAllIsWell(testbed)).rejects.toThrow('nobody sent it there');
  });

  it('fails when a chain has a gap', async () => {
    await database.dataSource.query('delete from action where author = $1 and seq = 3', [
      fromBase64Url(sent.author),
    ]);

    await expect(expectAllIsWell(testbed)).rejects.toThrow('is broken or forked at 4');
  });

  it('fails when an action does not continue the one before it', async () => {
    await database.dataSource.query(
      `update action set prev_hash = decode(repeat('ab', 32), 'hex') where author = $1 and seq = 3`,
      [fromBase64Url(sent.author)],
    );

    await expect(expectAllIsWell(testbed)).rejects.toThrow('is broken or forked at 3');
  });
});
