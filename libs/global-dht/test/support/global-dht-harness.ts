import { Dht, type NodeContext, SourceChains } from '@musubi/cell';
import { fromBase64Url, randomBytes, sealLetter, toBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { History, SentMessages } from '@musubi/history';
import { type TestNode, openTestNode, publishedActions, storedHarness } from '@musubi/history/testing';
import { type AgentPubKey, dayOf } from '@musubi/messaging';
import {
  type ConformanceHarness,
  type OpenHarness,
  type StrangerRecord,
} from '@musubi/messaging/conformance';
import { type Letter, encodeEnvelope, messageLetter, receiptLetter } from '@musubi/receipts';
import { type Addressing, GLOBAL_DHT_SPACE } from '../../src/addressing/addressing.js';
import { agentKeyAddressing } from '../../src/addressing/agent-key.addressing.js';
import { derivedAddressing, knockAuthor } from '../../src/addressing/derived.addressing.js';
import { GlobalDhtStrategy, type GlobalDhtOptions, globalDhtDatabase } from '../../src/index.js';
import { writeKnock } from '../../src/knock.js';
import { LetterPublisher } from '../../src/letter-publisher.js';
import { linkedLetter } from '../../src/sealed-letters.placement.js';

const ADDRESSINGS: Readonly<Record<GlobalDhtOptions['links'], Addressing>> = {
  derived: derivedAddressing,
  'agent-key': agentKeyAddressing,
};

/** Opens harnesses over one way of linking letters. */
export function globalDhtHarness(links: GlobalDhtOptions['links']): OpenHarness {
  return async ({ ordering }): Promise<ConformanceHarness> => {
    const node = await openTestNode({ ordering, parts: [globalDhtDatabase] });
    // Pushes do the work; a poll in the middle of a test would only blur what is seen.
    const strategy = new GlobalDhtStrategy(node.context, { links, pollMs: 600_000 });
    await strategy.init();
    const publish = async (pair: readonly [AgentPubKey, AgentPubKey], letter: Letter): Promise<void> => {
      await handIn(node.context, pair, { addressing: ADDRESSINGS[links], letter });
      await strategy.settle();
    };
    return storedHarness(node, {
      strategy,
      namesOf: (agent, everybody) => namesOf(node, ADDRESSINGS[links], { agent, everybody }),
      handInMessage: (caller, recipient, { message, saved }) =>
        publish([caller, recipient], messageLetter(message, saved)),
      handInReceipt: (caller, author, receipt) => publish([caller, author], receiptLetter(receipt)),
      strangerRecords: () => strangerRecords(node.context.db),
    });
  };
}

interface HandedIn {
  readonly letter: Letter;
  readonly addressing?: Addressing;
}

/** Knocks and publishes as the first agent's cell would, whatever the letter says. */
export function handIn(
  context: NodeContext,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  { letter, addressing }: HandedIn,
): Promise<void> {
  const content = sealLetter({
    plaintext: encodeEnvelope(letter, randomBytes),
    readers: [fromBase64Url(to), fromBase64Url(from)],
  });
  return handInContent(context, [from, to], { content, addressing });
}

/** The same for any content at all. */
export async function handInContent(
  context: NodeContext,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  {
    content,
    addressing = derivedAddressing,
  }: { readonly content: Uint8Array; readonly addressing?: Addressing | undefined },
): Promise<void> {
  const { clock, db, keyring, signals } = context;
  const keys = keyring.keysOf(from);
  const chains = new SourceChains(db, { ordering: 'relaxed' });
  const dht = new Dht(db, signals);
  const sent = new SentMessages(new History(db, keyring, 'global-dht'), chains);
  const publisher = new LetterPublisher({ node: context, sent, chains, dht, addressing });
  if (addressing.needsKnock)
    await publisher.publishActions(await writeKnock({ node: context, chains }, keys, to));
  const now = clock.now();
  const address = addressing.addressOf(keys, to, dayOf(now));
  await chains.start(address.chain, { at: addressing.actionTime(now), membraneProof: null });
  const place = await chains.write(address.chain, async (write) => {
    const at = write.place(2);
    await write.append(linkedLetter(address, content), addressing.actionTime(now));
    return at;
  });
  await publisher.publishActions(await chains.read(place));
}

interface Named {
  readonly agent: AgentPubKey;
  readonly everybody: readonly AgentPubKey[];
}

/** The agent itself, and every pseudonym that it has today. */
function namesOf(
  { context }: TestNode,
  addressing: Addressing,
  { agent, everybody }: Named,
): readonly AgentPubKey[] {
  if (!context.keyring.isOnline(agent)) return [agent];
  const keys = context.keyring.keysOf(agent);
  const today = dayOf(context.clock.now());
  const letters = everybody.map((peer) => addressing.addressOf(keys, peer, today).chain.agent);
  const knocks = everybody.map((peer) => knockAuthor(keys, peer).agent);
  return [...new Set([agent, ...letters, ...knocks])];
}

/** Everything in the global space is given to strangers: actions, entries and links. */
async function strangerRecords(db: Sql): Promise<readonly StrangerRecord[]> {
  const entries = await db.query<{ hash: Uint8Array; body: Uint8Array }[]>(
    'select hash, body from dht_entry',
  );
  const links = await db.query<Record<'base' | 'author' | 'target' | 'tag' | 'hash', Uint8Array>[]>(
    'select base, author, target, tag, hash from dht_link',
  );
  return [
    ...(await publishedActions(db, GLOBAL_DHT_SPACE)),
    ...entries.map(({ hash, body }) => ({
      kind: 'entry' as const,
      hashes: [toBase64Url(hash)],
      bytes: body,
      hasBody: true,
    })),
    ...links.map((link) => ({
      kind: 'link' as const,
      hashes: [toBase64Url(link.hash)],
      bytes: Buffer.concat([link.base, link.author, link.target, link.tag]),
      hasBody: false,
    })),
  ];
}
