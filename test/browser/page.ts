import { type Changes, MusubiClient, type Receipt, type StrategyName } from '@musubi/client';

// A browser has them. The types of the tests are those of Node.
declare const location: { readonly origin: string };
declare const navigator: { readonly userAgent: string };

const PLACEMENTS: readonly StrategyName[] = ['source-chain', 'pairwise-dht', 'global-dht'];

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(path, { method: 'POST', body: JSON.stringify(body) });

/** Follows a message of this client until it is in that state. Throws when something came that is not proven. */
async function followed(changes: Changes, message: string, state: string): Promise<readonly Receipt[]> {
  for await (const change of changes) {
    if (change.type === 'unverified') throw new Error(`${change.type}: ${JSON.stringify(change)}`);
    if (change.type !== 'message' || change.message.id !== message) continue;
    if (change.message.status === state) return change.message.receipts;
  }
  throw new Error('the changes ended');
}

async function run(): Promise<object> {
  const patient = { url: location.origin, attempts: 1000 };
  const [alice, bob] = [new MusubiClient(patient), new MusubiClient(patient)];
  await alice.signUp({ nickname: 'alice' });
  const { agent: to } = await bob.signUp({ nickname: 'bob' });
  const states: Record<string, readonly string[]> = {};
  for (const strategy of PLACEMENTS) {
    const changes = alice.changes();
    await changes.ready;
    const { id } = await alice.send({ to, text: `by ${strategy}`, strategy });
    await followed(changes, id, 'delivered');
    const again = alice.changes();
    await again.ready;
    await bob.markRead(strategy, [id]);
    states[strategy] = (await followed(again, id, 'read')).map(({ status }) => status);
  }
  const content = Uint8Array.from({ length: 1_500_000 }, (_, index) => index % 251);
  const progress: number[] = [];
  const ofFile = alice.changes();
  await ofFile.ready;
  const file = await alice.files.upload(new Blob([content]), {
    name: 'a.bin',
    mediaType: 'image/png',
    onProgress: ({ bytes }) => progress.push(bytes),
  });
  await followed(ofFile, (await alice.send({ to, file, strategy: 'pairwise-dht' })).id, 'delivered');
  const received = await bob.files.download(file).bytes();
  const isSame = received.length === content.length && received.every((byte, at) => byte === content[at]);
  const changes = bob.changes();
  await changes.ready;
  // The service is killed, and started again, before this is answered.
  await post('/following', {});
  const { id } = await alice.send({ to, text: 'after the restart', strategy: 'source-chain' });
  await followed(changes, id, 'delivered');
  return { browser: navigator.userAgent, states, isSame, progress };
}

try {
  await post('/result', await run());
} catch (error) {
  await post('/result', {
    failed: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : error,
  });
}
