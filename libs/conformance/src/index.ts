import { afterAll, describe, it } from '@jest/globals';
import { type Guarantees } from '@musubi/messaging';
import { atomicityCases } from './atomicity.cases.js';
import { blockingCases } from './blocking.cases.js';
import { type Case, type Cases } from './cases.js';
import { relaxedCases, strictCases } from './concurrency.cases.js';
import { cursorCases } from './cursor.cases.js';
import { fileCases } from './files.cases.js';
import { PEER_LIMIT, guaranteeCases } from './guarantees.cases.js';
import { type ConformanceHarness, type ConformanceSubject, type SubjectOptions } from './harness.js';
import { holdingCases } from './holding.cases.js';
import { integrityCases } from './integrity.cases.js';
import { pageBytesCases } from './page-bytes.cases.js';
import { pagingCases } from './paging.cases.js';
import { pinCases } from './pins.cases.js';
import { readingCases } from './reading.cases.js';
import { reopeningCases } from './reopening.cases.js';
import { stepCases } from './steps.cases.js';

export * from './harness.js';
export { InMemoryStrategy } from './in-memory/in-memory.strategy.js';
export { type Case, type Cases } from './cases.js';
export {
  atomicityCases,
  blockingCases,
  cursorCases,
  fileCases,
  guaranteeCases,
  holdingCases,
  integrityCases,
  pagingCases,
  pinCases,
  readingCases,
  reopeningCases,
  stepCases,
};
export { relaxedCases, strictCases } from './concurrency.cases.js';

const ROOMY = 1000;
/** Only a hang takes so long. */
const CASE_TIMEOUT_MS = 900_000;

/** What every placement keeps, whatever becomes of a head that moves meanwhile. */
const common: Readonly<Record<string, Cases>> = {
  'each step': stepCases,
  'one commit': atomicityCases,
  integrity: integrityCases,
  holding: holdingCases,
  'opened again': reopeningCases,
  files: fileCases,
  pins: pinCases,
  'who hears of reading': readingCases,
  blocking: blockingCases,
};

/** Reading looks at no head: the ordering of writes has no say in it. */
const reading: Readonly<Record<string, Cases>> = {
  paging: pagingCases,
  'bytes of a page': pageBytesCases,
  cursors: cursorCases,
};

const themes: Readonly<Record<SubjectOptions['ordering'], Readonly<Record<string, Cases>>>> = {
  relaxed: { ...common, ...reading, concurrency: relaxedCases },
  strict: { ...common, concurrency: strictCases },
};

/**
 * The whole suite for one strategy. Each case has a new strategy and new agents; all share what the subject stores in.
 * A variant of a strategy that has its own suite may do with one of the orderings.
 */
export function describeMessagingStrategy(
  name: string,
  subject: ConformanceSubject,
  orderings: readonly SubjectOptions['ordering'][] = ['relaxed', 'strict'],
): void {
  describe(`${name}, a messaging strategy`, () => {
    afterAll(() => subject.close());
    for (const ordering of orderings) {
      describe(`with ${ordering} ordering`, () => {
        const opening = { subject, options: { ordering, peerLimit: ROOMY } };
        for (const [theme, cases] of Object.entries(themes[ordering])) describeCases(theme, cases, opening);
        describeGuarantees(subject, ordering);
      });
    }
  });
}

interface Opening {
  readonly subject: ConformanceSubject;
  readonly options: SubjectOptions;
}

function describeCases(theme: string, cases: Cases, opening: Opening): void {
  describe(theme, () => {
    for (const [title, run] of Object.entries(cases))
      it(title, () => onNewStrategy(opening, () => run), CASE_TIMEOUT_MS);
  });
}

function describeGuarantees(subject: ConformanceSubject, ordering: SubjectOptions['ordering']): void {
  describe('guarantees', () => {
    for (const [name, { holds, broken }] of Object.entries(guaranteeCases)) {
      const choose = (guarantees: Guarantees): Case =>
        guarantees[name as keyof Guarantees] ? holds : broken;
      const options = { ordering, peerLimit: name === 'unboundedPeers' ? PEER_LIMIT : ROOMY };
      it(`${name}, as declared`, () => onNewStrategy({ subject, options }, choose), CASE_TIMEOUT_MS);
    }
  });
}

async function onNewStrategy(
  { subject, options }: Opening,
  choose: (guarantees: Guarantees) => Case,
): Promise<void> {
  /** Opening one again closes the one before. */
  let last = await subject.open(options);
  const following = (harness: ConformanceHarness): ConformanceHarness => ({
    ...harness,
    reopen: async () => {
      last = await harness.reopen();
      return following(last);
    },
  });
  try {
    await choose(last.strategy.guarantees)(following(last));
  } finally {
    await last.close();
  }
}
