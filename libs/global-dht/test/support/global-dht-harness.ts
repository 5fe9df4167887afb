import { Dht, type NodeContext, SourceChains } from '@musubi/cell';
import { type ConformanceSubject, type StrangerRecord } from '@musubi/conformance';
import { fromBase64Url, randomBytes, sealLetter, toBase64Url } from '@musubi/crypto';
import { type Sql } from '@musubi/database';
import { History, SentMessages } from '@musubi/history';
import { type AgentPubKey, dayOf } from '@musubi/messaging';
import { type Envelope, encodeEnvelope, messageEnvelope, receiptEnvelope } from '@musubi/receipts';
import { type TestNode, publishedActions, storedSubject } from '@musubi/testing';
import { type Addressing, GLOBAL_DHT_SPACE } from '../../src/addressing/addressing.js';
import { derivedAddressing, contactRequestAuthor } from '../../src/addressing/derived.addressing.js';
import { ContactStore } from '../../src/contact.store.js';
import { GlobalDhtStrategy, globalDhtDatabase } from '../../src/index.js';
import { writeContactRequest } from '../../src/contact-request.js';
import { LetterPublisher } from '../../src/letter-publisher.js';
import { linkedLetter } from '../../src/sealed-letters.placement.js';

/** The suite's subject with one way of linking letters. */
export function globalDhtSubject(addressing: Addressing = derivedAddressing): ConformanceSubject {
  return storedSubject([globalDhtDatabase], async (node) => {
    // Pushes do the work; a poll in the middle of a test would only blur what is seen.
    const strategy = new GlobalDhtStrategy(node.context, { addressing, pollMs: 600_000 });
    await strategy.init();
    const publish = async (pair: readonly [AgentPubKey, AgentPubKey], letter: Envelope): Promise<void> => {
      await handIn(node.context, pair, { addressing, letter });
      await strategy.whenIdle();
    };
    return {
      strategy,
      namesOf: (agent, everybody) => namesOf(node, addressing, { agent, everybody }),
      handInMessage: (caller, recipient, { message, saved }) =>
        publish([caller, recipient], messageEnvelope(message, saved)),
      handInReceipt: (caller, author, receipt) => publish([caller, author], receiptEnvelope(receipt)),
      // A letter, the receipt it gives rise to, and one more for what a push has just begun.
      whenIdle: async () => {
        for (let round = 0; round < 3; round += 1) await strategy.whenIdle();
      },
      lookAgain: async (holder, author) => {
        await strategy.lookAgain(holder, author);
        await strategy.whenIdle();
      },
      strangerRecords: () => strangerRecords(node.context.db),
    };
  });
}

interface HandedIn {
  readonly letter: Envelope;
  readonly addressing?: Addressing;
}

/** Asks for contact and publishes as the first agent's cell would, whatever the letter says. */
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
  const publisher = new LetterPublisher({ sent, dht, notePublished: () => undefined });
  if (addressing.needsContactRequest) {
    // As `save` does: the author of a contact request watches for answers.
    await new ContactStore(db, randomBytes).add(keys, to);
    await publisher.publishActions(await writeContactRequest({ node: context, chains }, keys, to));
  }
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
  const requests = everybody.map((peer) => contactRequestAuthor(keys, peer).agent);
  return [...new Set([agent, ...letters, ...requests])];
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
