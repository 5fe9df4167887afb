import { describe, it } from '@jest/globals';
import { type Guarantees } from '../index.js';
import { atomicityCases } from './atomicity.cases.js';
import { type Case, type Cases } from './cases.js';
import { relaxedCases, strictCases } from './concurrency.cases.js';
import { cursorCases } from './cursor.cases.js';
import { PEER_LIMIT, guaranteeCases } from './guarantees.cases.js';
import { type OpenHarness, type SubjectOptions } from './harness.js';
import { holdingCases } from './holding.cases.js';
import { integrityCases } from './integrity.cases.js';
import { pagingCases } from './paging.cases.js';
import { stepCases } from './steps.cases.js';

export * from './harness.js';
export { type Case, type Cases } from './cases.js';
export { atomicityCases, cursorCases, guaranteeCases, holdingCases, integrityCases, pagingCases, stepCases };
export { relaxedCases, strictCases } from './concurrency.cases.js';

const ROOMY = 1000;
const CASE_TIMEOUT_MS = 60_000;

/** What every placement keeps, whatever becomes of a head that moves meanwhile. */
const common: Readonly<Record<string, Cases>> = {
  'each step': stepCases,
  'one commit': atomicityCases,
  integrity: integrityCases,
  holding: holdingCases,
};

/** Reading looks at no head: the ordering of writes has no say in it. */
const reading: Readonly<Record<string, Cases>> = { paging: pagingCases, cursors: cursorCases };

const themes: Readonly<Record<SubjectOptions['ordering'], Readonly<Record<string, Cases>>>> = {
  relaxed: { ...common, ...reading, concurrency: relaxedCases },
  strict: { ...common, concurrency: strictCases },
};

/**
 * The whole suite for one strategy. `open` gives a fresh subject for every case. A variant of a strategy that has
 * its own suite may do with one of the orderings.
 */
export function describeMessagingStrategy(
  name: string,
  open: OpenHarness,
  orderings: readonly SubjectOptions['ordering'][] = ['relaxed', 'strict'],
): void {
  describe(`${name}, a messaging strategy`, () => {
    for (const ordering of orderings) {
      describe(`with ${ordering} ordering`, () => {
        const subject = { open, options: { ordering, peerLimit: ROOMY } };
        for (const [theme, cases] of Object.entries(themes[ordering])) describeCases(theme, cases, subject);
        describeGuarantees(open, ordering);
      });
    }
  });
}

interface Subject {
  readonly open: OpenHarness;
  readonly options: SubjectOptions;
}

function describeCases(theme: string, cases: Cases, subject: Subject): void {
  describe(theme, () => {
    for (const [title, run] of Object.entries(cases))
      it(title, () => onFresh(subject, () => run), CASE_TIMEOUT_MS);
  });
}

function describeGuarantees(open: OpenHarness, ordering: SubjectOptions['ordering']): void {
  describe('guarantees', () => {
    for (const [name, { holds, broken }] of Object.entries(guaranteeCases)) {
      const choose = (guarantees: Guarantees): Case =>
        guarantees[name as keyof Guarantees] ? holds : broken;
      const options = { ordering, peerLimit: name === 'unboundedPeers' ? PEER_LIMIT : ROOMY };
      it(`${name}, as declared`, () => onFresh({ open, options }, choose), CASE_TIMEOUT_MS);
    }
  });
}

async function onFresh({ open, options }: Subject, choose: (guarantees: Guarantees) => Case): Promise<void> {
  const harness = await open(options);
  try {
    await choose(harness.strategy.guarantees)(harness);
  } finally {
    await harness.close();
  }
}
