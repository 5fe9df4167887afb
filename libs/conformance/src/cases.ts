import { type ConformanceHarness } from './harness.js';

/** One fact about a strategy. Rejects when the strategy does not keep it. */
export type Case = (harness: ConformanceHarness) => Promise<void>;

/** Cases by what they show, in words that follow “it”. */
export type Cases = Readonly<Record<string, Case>>;
