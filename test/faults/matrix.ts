import { type FaultRow } from './fault-row.js';
import { cloneRows } from './rows/clone.rows.js';
import { commitRows } from './rows/commit.rows.js';
import { crowdRows } from './rows/crowd.rows.js';
import { endingRows } from './rows/ending.rows.js';
import { forgeryRows } from './rows/forgery.rows.js';
import { linkRows } from './rows/link.rows.js';
import { reachRows } from './rows/reach.rows.js';
import { readingRows } from './rows/reading.rows.js';
import { savingRows } from './rows/saving.rows.js';

const ROWS = [
  savingRows,
  reachRows,
  commitRows,
  readingRows,
  forgeryRows,
  crowdRows,
  endingRows,
  cloneRows,
  linkRows,
].flat();

/** The rows of the fault matrix, F1 first. */
export const FAULT_MATRIX: readonly FaultRow[] = ROWS.toSorted(
  (one, other) => numberOf(one) - numberOf(other),
);

function numberOf({ fault }: FaultRow): number {
  return Number(fault.slice(1));
}
