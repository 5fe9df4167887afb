import { describe, expect, it } from '@jest/globals';
import {
  InMemoryStrategy,
  type Case,
  type SubjectOptions,
  atomicityCases,
  blockingCases,
  fileCases,
  guaranteeCases,
  integrityCases,
  pinCases,
  readingCases,
  relaxedCases,
  reopeningCases,
  stepCases,
} from '@musubi/conformance';
import {
  type AgentPubKey,
  CloneLimitReachedError,
  GUARANTEE_NAMES,
  type GuaranteeName,
  type Message,
  type MessageDraft,
  type SignedReceipt,
} from '@musubi/messaging';
import { PEER_LIMIT } from '../src/guarantees.cases.js';
import {
  type InMemoryClass,
  type Published,
  type Publishing,
  inMemorySubject,
} from './support/in-memory-harness.js';
import {
  Credible,
  Credulous,
  Forgetful,
  Forgiving,
  Forking,
  Hasty,
  Hoarding,
  Impatient,
  Leaky,
  Oblivious,
  Taciturn,
  Talkative,
  Trusting,
  Wasteful,
} from './support/mutants.js';

const mutants: readonly (readonly [string, InMemoryClass, Readonly<Record<string, Case>>, string])[] = [
  [
    'believes forged receipts',
    Credulous,
    integrityCases,
    'refuses a delivered receipt that the author forged',
  ],
  ['believes replayed receipts', Credulous, integrityCases, 'refuses a receipt of another message, replayed'],
  [
    'believes callers',
    Trusting,
    integrityCases,
    'does not keep a message that somebody else than its author hands in',
  ],
  ['saves twice', Forgetful, stepCases, 'gives the stored receipt when a save is repeated later'],
  ['shows what is not there', Hasty, stepCases, 'gives each side receipts that verify'],
  ['forks', Forking, relaxedCases, 'lands all of 32 saves that one author makes at once'],
  ['keeps half', Leaky, atomicityCases, 'keeps nothing of a save whose commit fails'],
  ['delivers before the file is there', Impatient, fileCases, 'delivers a file with the same bytes'],
  [
    'brings all of a file again',
    Wasteful,
    fileCases,
    'shows nothing of a file whose third chunk times out, and goes on from there',
  ],
  [
    'keeps files for ever',
    Hoarding,
    fileCases,
    'frees a file with the last message of its holder that refers to it',
  ],
  ['tells nobody of a pin', Taciturn, pinCases, 'shows a pin to both once it was brought, and says it once'],
  [
    'believes the word that comes last',
    Credible,
    pinCases,
    'shows both the last word after both spoke at once, in whichever order it comes',
  ],
  [
    'tells of all that is read',
    Talkative,
    readingCases,
    'commits no receipt where the reader tells nobody, and nothing is unread',
  ],
  [
    'forgets whom an agent blocks',
    Forgiving,
    blockingCases,
    'takes nothing of a blocked author, writes nothing, and goes on after the block',
  ],
  [
    'forgets when it ends',
    Oblivious,
    reopeningCases,
    'shows the same messages, receipts and conversations after it was opened again',
  ],
];

interface Opened {
  readonly Strategy?: InMemoryClass;
  readonly published?: Publishing;
  readonly ordering?: SubjectOptions['ordering'];
}

async function run(
  check: Case,
  { Strategy = InMemoryStrategy, published, ordering = 'relaxed' }: Opened = {},
): Promise<void> {
  await check(await inMemorySubject(Strategy, published).open({ ordering, peerLimit: PEER_LIMIT }));
}

describe('the conformance suite', () => {
  it.each(mutants)('catches a strategy that %s', async (_, Strategy, cases, title) => {
    const check = cases[title];
    if (check === undefined) throw new Error(`there is no case called: ${title}`);

    await expect(run(check)).resolves.toBeUndefined();
    await expect(run(check, { Strategy })).rejects.toThrow();
  });
});

/** Has room for so many peers. */
class Bounded extends InMemoryStrategy {
  private readonly peers = new Map<AgentPubKey, Set<AgentPubKey>>();

  override save(draft: MessageDraft): Promise<SignedReceipt> {
    const peers = this.peers.get(draft.author) ?? new Set();
    if (!peers.has(draft.recipient) && peers.size >= PEER_LIMIT) {
      return Promise.reject(new CloneLimitReachedError('this agent has no room for another peer'));
    }
    this.peers.set(draft.author, peers.add(draft.recipient));
    return super.save(draft);
  }
}

const messagesOf: Published<Message> = (everybody) =>
  everybody.flatMap(({ holdings }) => [...holdings.values()].map(({ message }) => message));

const publishedBodies: Publishing = (everybody) =>
  messagesOf(everybody).map(({ payload }) => ({
    kind: 'entry',
    hashes: [],
    bytes: Buffer.from(payload.text ?? ''),
    hasBody: true,
  }));

const publishedNames: Publishing = (everybody) =>
  messagesOf(everybody).map(({ author, recipient }) => ({
    kind: 'link',
    hashes: [],
    bytes: Buffer.concat([author, recipient].map((agent) => Buffer.from(agent, 'base64url'))),
    hasBody: false,
  }));

/** The recipient's copy stands under the hash of the author's. */
const publishedCopies: Publishing = (everybody) =>
  messagesOf(everybody).map(({ id }) => ({
    kind: 'action',
    hashes: [id],
    bytes: Buffer.from(id),
    hasBody: false,
  }));

/** A placement that lacks the guarantee, whatever it declares. */
const lacking: Readonly<Record<GuaranteeName, Opened>> = {
  concurrentReceive: { ordering: 'strict' },
  concurrentSave: { ordering: 'strict' },
  // The reference calls the recipient, which has to be there.
  offlineDelivery: {},
  unboundedPeers: { Strategy: Bounded },
  bodyStaysWithPair: { published: publishedBodies },
  hidesPeers: { published: publishedNames },
  unlinkableCopies: { published: publishedCopies },
};

const kept = GUARANTEE_NAMES.filter((name) => name !== 'offlineDelivery');

describe.each(GUARANTEE_NAMES)('the guarantee %s', (name) => {
  it('is not believed of a strategy that lacks it', async () => {
    await expect(run(guaranteeCases[name].holds, lacking[name])).rejects.toThrow();
  });

  it('may be denied by a strategy that lacks it', async () => {
    await expect(run(guaranteeCases[name].broken, lacking[name])).resolves.toBeUndefined();
  });
});

describe.each(kept)('the guarantee %s', (name) => {
  it('may not be denied by a strategy that has it', async () => {
    await expect(run(guaranteeCases[name].broken)).rejects.toThrow();
  });

  it('is believed of a strategy that has it', async () => {
    await expect(run(guaranteeCases[name].holds)).resolves.toBeUndefined();
  });
});
