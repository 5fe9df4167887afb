import { type ContactRequest } from '../findings/unnamed.js';
import { Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';

/**
 * 1 − (1 − k_a/(n − 1))·(1 − k_b/(n − 1)), k the contact requests at an agent: an answer makes no request, so that a pair
 * has one at one of its ends. Each of k comes from any of the n − 1 others, and a pair is one if either end was asked
 * by the other. An agent who asks and is never asked has peers all the same, which a product of both ends ranks low. Ours.
 * @returns `undefined` where all were asked as often, or nobody was
 */
export function requestsAtEitherEnd(
  agents: number,
  requests: Iterable<ContactRequest>,
): { readonly scores: PairTable } | undefined {
  const asked = new Tally(agents);
  for (const { agent } of requests) asked.add(agent, 1);
  if (asked.values.every((times) => times === asked.at(0))) return undefined;
  const scores = new PairTable(agents);
  const missed = asked.values.map((times) => 1 - Math.min(1, times / (agents - 1)));
  missed.forEach((atA, a) => {
    missed.forEach((atB, b) => {
      if (a !== b) scores.add(a, b, 1 - atA * atB);
    });
  });
  return { scores };
}
