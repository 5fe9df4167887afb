import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { AgentKeys, MINIMAL_COST } from '@musubi/crypto';
import { parseTimestamp } from '@musubi/messaging';
import { NodeIdentity } from '@musubi/network/nodes';
import { type AgentFileHead, beginAgentFile, tablesOfAgents } from '../src/links/index.js';
import { newFileSeal, writeAgentFile, writeFileSeal } from '../src/links/moving/agent-file.js';

const PASSPHRASE = 'correct horse battery staple';
const TABLES = tablesOfAgents([]);
const seed = new Uint8Array(32).fill(7);

const HEAD: AgentFileHead = {
  agent: AgentKeys.fromSeed(seed).agent,
  seed,
  sealed: null,
  nickname: 'alice',
  seq: 2,
  issued: parseTimestamp(1_790_000_000_000_000),
  from: NodeIdentity.fromSeed(new Uint8Array(32).fill(9)).key,
  addresses: [],
  days: [20_000, 20_032],
  cards: [],
};

/** A file whose seal is there, and whose rest comes when it is let go. */
async function fileInTwoParts(): Promise<{
  readonly stream: AsyncIterable<Uint8Array>;
  readonly letGo: () => void;
}> {
  const seal = await newFileSeal(PASSPHRASE, MINIMAL_COST);
  let letGo = (): void => undefined;
  const rest = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield writeFileSeal(seal);
    await rest;
    yield* writeAgentFile(seal.key, HEAD, Readable.from([]));
  }
  return { stream: stream(), letGo };
}

describe('the file of an agent', () => {
  it('is opened before more than its seal has come, and read when the rest comes', async () => {
    const { stream, letGo } = await fileInTwoParts();

    const opened = await (await beginAgentFile(stream, TABLES)).open(PASSPHRASE);
    letGo();

    const { head, parts } = await opened.read();
    expect(head).toEqual(HEAD);
    expect(await Readable.from(parts).toArray()).toEqual([]);
  });

  it('refuses another passphrase before more than its seal has come', async () => {
    const { stream } = await fileInTwoParts();

    const file = await beginAgentFile(stream, TABLES);

    await expect(file.open('another passphrase')).rejects.toMatchObject({ reason: 'wrong-passphrase' });
  });

  it('is damaged when it ends after its seal', async () => {
    const seal = await newFileSeal(PASSPHRASE, MINIMAL_COST);
    const cut = Readable.from([writeFileSeal(seal)]) as AsyncIterable<Uint8Array>;

    const opened = await (await beginAgentFile(cut, TABLES)).open(PASSPHRASE);

    await expect(opened.read()).rejects.toMatchObject({ reason: 'damaged' });
  });
});
