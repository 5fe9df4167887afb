import { type ServerResponse } from 'node:http';

/** How long a reader may take nothing, and how long all of it may take, in milliseconds. */
const STALLED_MS = 30_000;
const OVERDUE_MS = 600_000;

/** Ends a streamed answer whose reader takes nothing for long, or takes too long in all: what it holds is given back. */
export function cutLate(response: ServerResponse): void {
  const cut = (): void => void response.destroy();
  const overdue = setTimeout(cut, OVERDUE_MS).unref();
  response.setTimeout(STALLED_MS, cut);
  response.once('close', () => {
    clearTimeout(overdue);
  });
}
