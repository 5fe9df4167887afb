import { createHash } from 'node:crypto';

/** What the work below takes on the machine of docs/results/service.md when nothing else runs, in milliseconds. */
const REFERENCE_MS = 40;

/**
 * How much slower this machine is just now than that one, at least 1: for what a product promises in seconds and a
 * test has to observe beside other work.
 */
export function slowness(): number {
  const begun = performance.now();
  let digest = Buffer.alloc(32);
  for (let round = 0; round < 20_000; round += 1) digest = createHash('sha256').update(digest).digest();
  return Math.max(1, (performance.now() - begun) / REFERENCE_MS);
}
