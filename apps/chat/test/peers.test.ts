import { describe, expect, it } from '@jest/globals';
import { MusubiClient } from '@musubi/client';
import { Peers } from '../src/peers.js';

it.each<[string, (peers: Peers) => Promise<unknown>]>([
  ['whom a name means', (peers) => peers.find('bob')],
  ['what an agent is called', (peers) => peers.nickname('A'.repeat(43))],
])('asks no longer for %s when the chat is left, though the service is away', async (_, ask) => {
  const leaving = new AbortController();
  const client = new MusubiClient({
    ...{ url: 'http://127.0.0.1:1', token: 'a', attempts: Number.MAX_SAFE_INTEGER },
    fetch: () => {
      // The chat is left once it waits for the service.
      setImmediate(() => {
        leaving.abort(new Error('left'));
      });
      return Promise.reject(new TypeError('away'));
    },
  });

  await expect(ask(new Peers(client, leaving.signal))).rejects.toThrow('left');
});

describe('a name', () => {
  const [sister, other, stranger] = ['A', 'B', 'C'].map((letter) => letter.repeat(43)) as [
    string,
    string,
    string,
  ];
  const directory = [{ agent: stranger, nickname: 'sister', attended: false }];
  const peers = (): Peers => {
    const client = new MusubiClient({
      ...{ url: 'http://127.0.0.1:1', token: 'a' },
      fetch: () => Promise.resolve(Response.json({ items: directory, next: null, prev: null })),
    });
    return new Peers(client, new AbortController().signal);
  };

  it('that the user gave to one goes before one of the directory', async () => {
    const all = peers();
    all.learn([{ agent: sister, petname: 'sister' }]);

    expect(await all.find('sister')).toBe(sister);
    expect(await peers().find('sister')).toBe(stranger);
  });

  it('that the user gave to two means neither of them, nor a stranger who is called so', async () => {
    const all = peers();
    all.learn([sister, other].map((agent) => ({ agent, petname: 'sister' })));

    await expect(all.find('sister')).rejects.toThrow(
      `Several are called sister: give the key of the one you mean.\n  ${sister}\n  ${other}`,
    );
  });
});
