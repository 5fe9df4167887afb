import { PairTable } from '../pairs/pair-table.js';
import { type Round, countOf } from './activity.js';
import { Tally } from './tally.js';

/** What the attack sums up over the rounds: shares of recipients, and who sent how much beside whom. */
interface Sums {
  readonly rounds: number;
  /** Σ o over all rounds, o being the share of each recipient. */
  readonly everywhere: Tally;
  /** Σ o over the rounds in which the first agent sends. */
  readonly beside: PairTable;
  readonly roundsOf: Tally;
  readonly messagesOf: Tally;
  /** All messages of the rounds in which the agent sends. */
  readonly messagesAround: Tally;
}

/**
 * The statistical disclosure attack (Danezis, "Statistical Disclosure Attacks: Traffic Confirmation in Open
 * Environments", SEC 2003): v̂ = b·ō − (b − 1)·u for each sender. ō is the mean distribution of recipients over the
 * rounds in which it sends, u that over the rounds in which it does not, b the messages of its rounds for each message
 * of its own. u is the mean over all rounds for somebody who sends in every one.
 * @returns sender → recipient; may be negative
 */
export function statisticalDisclosure(agents: number, rounds: readonly Round[]): PairTable {
  const sums = sumsOf(agents, rounds);
  const estimate = new PairTable(agents);
  for (let from = 0; from < agents; from += 1) {
    const present = sums.roundsOf.at(from);
    if (present === 0) continue;
    const b = sums.messagesAround.at(from) / sums.messagesOf.at(from);
    for (let to = 0; to < agents; to += 1) {
      const mean = sums.beside.at(from, to) / present;
      estimate.add(from, to, b * mean - (b - 1) * background(sums, from, to));
    }
  }
  return estimate;
}

/** u */
function background({ rounds, everywhere, beside, roundsOf }: Sums, from: number, to: number): number {
  const absent = rounds - roundsOf.at(from);
  return absent > 0 ? (everywhere.at(to) - beside.at(from, to)) / absent : everywhere.at(to) / rounds;
}

function sumsOf(agents: number, rounds: readonly Round[]): Sums {
  const fruitful = rounds.filter(({ recipients }) => recipients.length > 0);
  const sums = {
    rounds: fruitful.length,
    everywhere: new Tally(agents),
    beside: new PairTable(agents),
    roundsOf: new Tally(agents),
    messagesOf: new Tally(agents),
    messagesAround: new Tally(agents),
  };
  for (const round of fruitful) addRound(sums, round);
  return sums;
}

function addRound(sums: Sums, { senders, recipients }: Round): void {
  const batch = countOf(senders);
  const received = countOf(recipients);
  for (const [to, count] of recipients) sums.everywhere.add(to, count / received);
  for (const [from, count] of senders) {
    sums.roundsOf.add(from, 1);
    sums.messagesOf.add(from, count);
    sums.messagesAround.add(from, batch);
    for (const [to, times] of recipients) sums.beside.add(from, to, times / received);
  }
}
