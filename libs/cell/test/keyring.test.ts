import { describe, expect, it } from '@jest/globals';
import { KeyStore, Keyring } from '@musubi/cell';
import {
  AgentKeys,
  MINIMAL_COST,
  OpenFailedError,
  fromBase64Url,
  randomBytes,
  sealWithPassphrase,
} from '@musubi/crypto';
import { AgentOfflineError } from '@musubi/messaging';
import { bytesOf, keysOf } from './support/authors.js';
import { lentDatabase } from './support/lent-database.js';

const PASSPHRASE = 'correct horse battery staple';

describe('a keyring', () => {
  const database = lentDatabase();

  /** A node's keyring on the shared table, as after a start. */
  function node(nodeKey: Uint8Array = randomBytes(32), random = randomBytes): Keyring {
    return new Keyring({ store: new KeyStore(database().dataSource), nodeKey, cost: MINIMAL_COST, random });
  }

  it('brings the agent online that it creates', async () => {
    const keyring = node();
    const keys = await keyring.create(PASSPHRASE);
    expect(keyring.isOnline(keys.agent)).toBe(true);
    expect(keyring.keysOf(keys.agent)).toBe(keys);
  });

  it('has nobody online when it is opened', async () => {
    const { agent } = await node().create(PASSPHRASE);
    expect(node().isOnline(agent)).toBe(false);
  });

  it('unlocks an agent with its passphrase', async () => {
    const { agent, signing } = await node().create(PASSPHRASE);
    const keyring = node();
    expect((await keyring.unlock(agent, PASSPHRASE))?.signing).toEqual(signing);
    expect(keyring.online()).toEqual([agent]);
  });

  it.each([
    ['composed', 'decomposed', 'Zu\u0308rich und du', 'Z\u00fcrich und du'],
    ['decomposed', 'composed', 'Z\u00fcrich und du', 'Zu\u0308rich und du'],
    ['with plain spaces', 'with no-break spaces', 'a b c d e', 'a\u00a0b\u00a0c d e'],
  ])('unlocks an agent with its passphrase %s, where it was made %s', async (_typed, _made, made, typed) => {
    const { agent } = await node().create(made);
    expect((await node().unlock(agent, typed))?.agent).toBe(agent);
  });

  it('unlocks keys that were sealed under a passphrase as it was typed', async () => {
    const passphrase = 'Zu\u0308rich und du';
    const secret = randomBytes(32);
    const { agent } = AgentKeys.fromSeed(secret);
    const sealed = await sealWithPassphrase({ secret, passphrase, cost: MINIMAL_COST });
    await new KeyStore(database().dataSource).add({ agent, sealed, isAttended: true });

    expect((await node().unlock(agent, passphrase))?.agent).toBe(agent);
    expect(await node().unlock(agent, passphrase.normalize('NFC'))).toBeNull();
  });

  it('unlocks nothing with a wrong passphrase', async () => {
    const { agent } = await node().create(PASSPHRASE);
    const keyring = node();
    expect(await keyring.unlock(agent, 'incorrect horse')).toBeNull();
    expect(keyring.isOnline(agent)).toBe(false);
  });

  it('leaves an agent online when somebody tries a wrong passphrase', async () => {
    const keyring = node();
    const { agent } = await keyring.create(PASSPHRASE);
    await keyring.unlock(agent, 'incorrect horse');
    expect(keyring.isOnline(agent)).toBe(true);
  });

  it('unlocks nothing for an agent that it does not know', async () => {
    expect(await node().unlock(keysOf('nobody').agent, PASSPHRASE)).toBeNull();
  });

  it('does not unlock one agent with the key of another in its place', async () => {
    const [victim, intruder] = [await node().create(PASSPHRASE), await node().create('intruder')];
    const agents = [victim, intruder].map(({ agent }) => fromBase64Url(agent));
    const swap = `update agent_key set sealed = (select sealed from agent_key where agent = $2) where agent = $1`;
    await database().dataSource.query(swap, agents);
    expect(await node().unlock(victim.agent, 'intruder')).toBeNull();
  });

  it('takes an agent offline that it locks', async () => {
    const keyring = node();
    const { agent } = await keyring.create(PASSPHRASE);
    keyring.lock(agent);
    expect(keyring.isOnline(agent)).toBe(false);
    expect(() => keyring.keysOf(agent)).toThrow(AgentOfflineError);
  });

  it('has no keys of an agent that never was online', () => {
    expect(() => node().keysOf(keysOf('nobody').agent)).toThrow(AgentOfflineError);
  });

  it('opens keys without bringing the agent online, until they are admitted', async () => {
    const { agent } = await node().create(PASSPHRASE);
    const keyring = node();

    const opened = await keyring.open(agent, PASSPHRASE);

    expect(keyring.isOnline(agent)).toBe(false);
    if (opened !== null) keyring.admit(opened.keys);
    expect(keyring.isOnline(agent)).toBe(true);
  });

  it('does not unlock an unattended agent with a passphrase', async () => {
    const { agent } = await node().create();
    expect(await node().unlock(agent, '')).toBeNull();
  });

  it.each([
    ['under a passphrase', PASSPHRASE],
    ['under the key of the node', undefined],
  ])('keeps no seed in the clear: sealed %s', async (name, passphrase) => {
    const seed = keysOf(name).derive('test/seed');
    const { agent } = await node(randomBytes(32), () => seed).create(passphrase);
    const stored = await new KeyStore(database().dataSource).find(agent);
    expect(Buffer.from(stored?.sealed ?? seed).includes(Buffer.from(seed))).toBe(false);
  });

  it('keeps no passphrase', async () => {
    const { agent } = await node().create(PASSPHRASE);
    const stored = await new KeyStore(database().dataSource).find(agent);
    expect(Buffer.from(stored?.sealed ?? bytesOf(PASSPHRASE)).includes(PASSPHRASE)).toBe(false);
  });
});

describe('unattended agents', () => {
  const database = lentDatabase();
  const nodeKey = randomBytes(32);

  function node(key: Uint8Array): Keyring {
    const store = new KeyStore(database().dataSource);
    return new Keyring({ store, nodeKey: key, cost: MINIMAL_COST, random: randomBytes });
  }

  it('come online with their node, and attended ones do not', async () => {
    const [unattended] = [await node(nodeKey).create(), await node(nodeKey).create(PASSPHRASE)];
    const restarted = node(nodeKey);
    expect(await restarted.unlockUnattended()).toEqual([unattended.agent]);
    expect(restarted.online()).toEqual([unattended.agent]);
  });

  it('come online one by one where another process of the node made them', async () => {
    const keyring = node(nodeKey);
    const [unattended, attended] = [await node(nodeKey).create(), await node(nodeKey).create(PASSPHRASE)];
    const unknown = keysOf('nobody').agent;

    const unlocked = [];
    for (const agent of [unattended.agent, attended.agent, unknown]) {
      unlocked.push(await keyring.unlockIfUnattended(agent));
    }

    expect(unlocked).toEqual([true, false, false]);
    expect(keyring.online()).toEqual([unattended.agent]);
  });

  it('do not open under the key of another node', async () => {
    await node(nodeKey).create();
    const other = node(randomBytes(32));
    await expect(other.unlockUnattended()).rejects.toThrow(OpenFailedError);
    expect(other.online()).toEqual([]);
  });

  it('do not open under the name of another agent', async () => {
    const [, victim] = [await node(nodeKey).create(), await node(nodeKey).create()];
    const swap = `update agent_key set sealed = (select sealed from agent_key where agent <> $1 and not is_attended limit 1)
      where agent = $1`;
    await database().dataSource.query(swap, [fromBase64Url(victim.agent)]);
    await expect(node(nodeKey).unlockUnattended()).rejects.toThrow(OpenFailedError);
  });
});
