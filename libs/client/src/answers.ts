import { ProblemError } from './errors.js';

/** The transport rejects with what is no success, so that there is data. */
export function dataOf<Data>({ data }: { readonly data?: Data }): NonNullable<Data> {
  if (data === undefined || data === null) throw new TypeError('The answer has no body');
  return data;
}

/** A call that may be refused by that code: then there is nothing left to do. */
export async function unless(code: ProblemError['code'], call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof ProblemError) || error.code !== code) throw error;
  });
}
