import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { blindedKey } from '@musubi/receipts';
import { openDeliveryDatabase } from '@musubi/testing';
import { expectAllIsWell } from './closing-check.js';
import { type Sent } from './sent.js';
import { World, oneNode } from './world.js';

let database: TestDatabase;
let world: World;
let sent: Sent;

beforeAll(async () => {
  database = await openDeliveryDatabase();
});

beforeEach(async () => {
  world = await World.open('source-chain', oneNode(database));
  sent = await world.deliver(...(await world.pair()));
});

afterEach(async () => {
  // What a test took away or made up must not be found by the next.
  await database.dataSource.query('truncate action, chain_head, chain_entry, history, receipt, outbox');
  await world.close();
});

afterAll(() => database.close());

/** Takes a message out of its holder's history behind everybody's back. */
async function lose(holder: AgentPubKey): Promise<void> {
  await database.dataSource.query('delete from history where holder = $1 and key = $2', [
    fromBase64Url(holder),
    blindedKey(world.keysOf(holder), sent.message),
  ]);
}

describe('the closing check', () => {
  it('holds when nothing went wrong', async () => {
    await expectAllIsWell(world);
  });

  it('fails when the author is shown a receipt of what the recipient does not hold', async () => {
    await lose(sent.recipient);

    await expect(expectAllIsWell(world)).rejects.toThrow('author holds 1 × delivered, recipient nothing');
  });

  it('fails when the recipient held nothing at the moment of the receipt, though it does now', async () => {
    const other = await world.save(sent.author, sent.recipient);
    const signal = { type: 'receipt', strategy: 'source-chain', message: other.message, status: 'delivered' };
    world.node.signals.emit(sent.author, signal);

    await expect(expectAllIsWell(world)).rejects.toThrow(`${other.message} was a phantom`);
  });

  it('fails when what was answered as saved is lost', async () => {
    await lose(sent.author);
    await lose(sent.recipient);

    await expect(expectAllIsWell(world)).rejects.toThrow('lost: message');
  });

  it('fails when somebody holds what nobody is known to have sent', async () => {
    await world.node.save('source-chain', [sent.author, sent.recipient]);

    await expect(expectAllIsWell(world)).rejects.toThrow('nobody sent it there');
  });

  it('fails when a chain has a gap', async () => {
    await database.dataSource.query('delete from action where author = $1 and seq = 3', [
      fromBase64Url(sent.author),
    ]);

    await expect(expectAllIsWell(world)).rejects.toThrow('is broken or forked at 4');
  });

  it('fails when an action does not continue the one before it', async () => {
    await database.dataSource.query(
      `update action set prev_hash = decode(repeat('ab', 32), 'hex') where author = $1 and seq = 3`,
      [fromBase64Url(sent.author)],
    );

    await expect(expectAllIsWell(world)).rejects.toThrow('is broken or forked at 3');
  });
});
