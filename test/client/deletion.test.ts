import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Changes, MusubiClient } from '@musubi/client';
import { type TestService, openService } from '../../apps/api/test/support/open-service.js';

const PASSPHRASE = 'correct horse battery staple';

let service: TestService;

beforeAll(async () => {
  service = await openService();
});

afterAll(() => service.close());

/** Reads all changes. @returns what ended them */
async function endOf(changes: Changes): Promise<unknown> {
  const seen: unknown[] = [];
  try {
    for await (const change of changes) seen.push(change);
    return seen;
  } catch (error) {
    return error;
  }
}

describe('a client that deletes its agent', () => {
  it('acts as nobody, its changes end, and its peers are told', async () => {
    const { url } = service;
    const [alice, bob] = [new MusubiClient({ url }), new MusubiClient({ url })];
    const { agent } = await alice.signUp({ nickname: 'alice', passphrase: PASSPHRASE, keep: true });
    await bob.signUp({ nickname: 'bob' });
    const changes = alice.changes();
    await changes.ready;
    const ended = endOf(changes);
    const wrong = alice.deleteAgent({ agent, passphrase: 'another passphrase' });
    await expect(wrong).rejects.toMatchObject({ code: 'unauthenticated' });
    await alice.send({ to: agent, text: 'still here', strategy: 'source-chain' });

    await alice.deleteAgent({ agent, passphrase: PASSPHRASE });

    expect(alice.token).toBeUndefined();
    await expect(alice.start()).rejects.toMatchObject({ code: 'unauthenticated' });
    const again = alice.signIn({ agent, passphrase: PASSPHRASE });
    await expect(again).rejects.toMatchObject({ name: 'ProblemError' });
    const writing = bob.send({ to: agent, text: 'are you there?', strategy: 'source-chain' });
    await expect(writing).rejects.toMatchObject({ code: 'agent-deleted', status: 410 });
    expect(await ended).toMatchObject({ name: 'ProblemError' });
  });
});
