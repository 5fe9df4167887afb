import { z } from 'zod';

/** The figures of one state of the code, as they lie in a file beside the page. */

const attack = z.object({ attack: z.string(), auc: z.number() });

const party = z.object({
  observer: z.string(),
  attacks: z.array(attack).readonly(),
  notAttempted: z.array(z.object({ attack: z.string(), reason: z.string() })).readonly(),
});

const run = z.object({
  variant: z.string(),
  /** How many days the messages are spread over. */
  days: z.int().min(1),
  seed: z.int(),
  /** The commit that was measured, where that is not the state's own. */
  revision: z.string().optional(),
  /** AUC of the volume prior on the messages that were really sent. */
  volume: z.number(),
  parties: z.array(party).readonly(),
});

export const stateSchema = z.object({
  state: z.string(),
  /** The commit that was measured, and whether files differed from it. */
  revision: z.string(),
  measuredAt: z.string(),
  machine: z.string(),
  agents: z.int(),
  messages: z.int(),
  runs: z.array(run).readonly(),
});

/** What was measured now, and what was measured of the same state before and not again. */
export function besides(known: State | undefined, now: State): State {
  if (known === undefined) return now;
  const keyOf = ({ variant, days, seed }: Run): string => `${variant} ${days} ${seed}`;
  const again = new Set(now.runs.map(keyOf));
  const kept = known.runs
    .filter((run) => !again.has(keyOf(run)))
    .map((run) => ({ ...run, revision: run.revision ?? known.revision }));
  return { ...now, runs: [...now.runs, ...kept] };
}

export type State = z.infer<typeof stateSchema>;
export type Run = z.infer<typeof run>;
export type PartyFigures = z.infer<typeof party>;
