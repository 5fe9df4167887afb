import { STRATEGY_NAMES } from '@musubi/messaging';
import { z } from 'zod';

/** The fields of a report that a card is made of, as they are read from a file that somebody else may have written. */

const count = z.int().min(0);
const amount = z.number().min(0);
const interval = z.tuple([z.number(), z.number()]).readonly();

const area = {
  auc: z.number().min(0).max(1),
  aucInterval: interval,
};

const graph = z.object({ pairs: count, truePairs: count, ...area });

const observer = z.object({
  observer: z.string(),
  canariesPlanted: count,
  canariesFound: count,
  bodyBytes: count,
  attacks: z.array(z.object({ attack: z.string(), ...area })).readonly(),
  graph,
});

const loadPoint = z.object({
  concurrency: count,
  acts: count,
  backToBack: count,
  timed: count,
  gaveUp: count,
  actsPerSecond: amount,
  actsPerSecondInterval: interval,
  headMovedPerMessage: amount,
  notValid: z.string().nullable(),
  delivered: z.object({ p50: amount, p95: amount, p99: amount }).nullable(),
});

const cost = z.object({
  messages: count,
  rowsPerMessage: z.number(),
  bytesPerMessage: z.number(),
  callsPerMessage: z.number(),
  agents: count,
  rowsPerAgent: z.number(),
  bytesPerAgent: z.number(),
  pairs: count,
  rowsPerPair: z.number(),
  bytesPerPair: z.number(),
  callsPerPair: z.number(),
});

const integrity = z.object({
  messages: count,
  acknowledged: count,
  lost: count,
  doubled: count,
  phantom: count,
  orphan: count,
  chainFaults: count,
  witnesses: z.array(z.string()).readonly(),
});

const fault = z.object({ fault: z.string(), messages: count, lost: count, doubled: count, phantom: count });

const declared = z.object({
  guarantee: z.string(),
  declared: z.boolean(),
  figure: z.string(),
  measured: amount,
  threshold: amount,
  isBorneOut: z.boolean(),
});

const placement = z.object({
  variant: z.string(),
  strategy: z.enum(STRATEGY_NAMES),
  options: z.record(z.string(), z.string()),
  integrity,
  cost: cost.nullable(),
  observers: z.array(observer).readonly().nullable(),
  load: z.object({ points: z.array(loadPoint).readonly() }).nullable(),
  faults: z.array(fault).readonly().nullable(),
  declared: z.array(declared).readonly().nullable(),
});

export const machineSchema = z.object({
  cores: count,
  cpu: z.string(),
  memoryBytes: count,
  platform: z.string(),
  node: z.string(),
  postgres: z.string(),
});

const cardReportSchema = z.object({
  schema: z.literal('musubi/report/2'),
  isPartial: z.boolean(),
  startedAt: z.iso.datetime(),
  seconds: amount,
  machine: machineSchema,
  parameters: z.object({
    seed: count,
    workload: z.string(),
    agents: count,
    messages: count,
    workloadHash: z.string(),
    faults: z.array(z.unknown()).readonly(),
  }),
  controls: z.object({ volume: graph }),
  placements: z.array(placement).readonly(),
});

/** A report, as much of it as a card needs. Every `Report` is one. */
export type CardReport = z.infer<typeof cardReportSchema>;
export type CardPlacement = CardReport['placements'][number];
export type CardObserver = z.infer<typeof observer>;

/** The text is no report of this version; the message says where. */
export class NoReportError extends Error {
  override readonly name = 'NoReportError';
}

/** @throws NoReportError */
export function parseCardReport(text: string): CardReport {
  const parsed = cardReportSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new NoReportError(`not a report (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoReportError('not JSON');
  }
}
