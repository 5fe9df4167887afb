import { setImmediate as nextTurn } from 'node:timers/promises';

/** What is worked on in one go: some 0.5 ms of opening and parsing. */
export const SLICE_BYTES = 32_768;
/** What each row costs besides its bytes, counted in bytes. */
const ROW_BYTES = 1024;

let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * Maps rows slice by slice. Between two slices, whatever else waits for the thread runs; and all who map at once share
 * one slice in each turn of the event loop, so that their number makes no turn longer.
 * @param bytesOf how much is to be worked on for a row
 */
export async function mapInSlices<Row, Value>(
  rows: readonly Row[],
  bytesOf: (row: Row) => number,
  map: (row: Row, index: number) => Value,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  let left = SLICE_BYTES;
  for (const [index, row] of rows.entries()) {
    const bytes = ROW_BYTES + bytesOf(row);
    if (bytes > left && index > 0) {
      await ownTurn();
      left = SLICE_BYTES;
    }
    values.push(map(row, index));
    left -= bytes;
  }
  return values;
}

function ownTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => nextTurn());
  return lastTurn;
}
