import { expect, it } from '@jest/globals';
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
