import { z } from 'zod';
import { machineSchema } from './card-report.js';

const count = z.int();
const figure = z.number();
const sentence = z.string().describe('The figures in words.');

const trait = <Figures extends z.ZodRawShape, Samples extends z.ZodRawShape>(
  figures: Figures,
  samples: Samples,
) => z.object({ sentence, figures: z.object(figures), samples: z.object(samples) });

const area = { auc: figure, aucInterval: z.tuple([figure, figure]).readonly() };

const visibility = trait(
  {
    textsRead: count.describe('By any party but the two who converse, the most of any.'),
    parties: z
      .array(z.object({ party: z.string(), textsRead: count, bodyBytes: count.describe('Sealed or not.') }))
      .readonly(),
  },
  { texts: count },
);

const exposure = trait(
  {
    volume: z.object(area).describe('What the volume of each agent alone tells.'),
    parties: z
      .array(
        z.object({
          party: z.string(),
          ...area,
          strongest: z.string().nullable().describe('The best single attack; null: nothing to go by.'),
        }),
      )
      .readonly(),
  },
  { pairs: count, truePairs: count },
);

const concurrency = trait(
  {
    points: z
      .array(
        z.object({
          senders: count,
          notValid: z
            .string()
            .nullable()
            .describe('Why the figures do not count, though they were repeated: then they are null.'),
          messagesPerSecond: figure.nullable(),
          messagesPerSecondInterval: z
            .tuple([figure, figure])
            .readonly()
            .nullable()
            .describe('From the slowest round to the fastest.'),
          p95Ms: figure.nullable().describe('Until delivered.'),
          timed: count.describe('Messages that this is of.'),
          headMovedPerMessage: figure.nullable(),
          gaveUp: count.nullable(),
        }),
      )
      .readonly(),
  },
  {
    messages: count.describe('For each number of senders.'),
    backToBack: count.describe('Those of them that the rate is of.'),
  },
);

const losses = { lost: count, doubled: count, phantom: count };

const durability = trait(
  {
    acknowledged: count,
    ...losses,
    orphan: count.describe('The recipient has it, and the author never learns of that.'),
    chainFaults: count,
    underFaults: z.object({ kinds: count, ...losses }).nullable(),
  },
  { messages: count, messagesUnderFaults: count },
);

const cost = trait(
  {
    rowsPerMessage: figure,
    bytesPerMessage: figure,
    callsPerMessage: figure,
    rowsPerPair: figure,
    bytesPerPair: figure,
    callsPerPair: figure,
    rowsPerAgent: figure,
    bytesPerAgent: figure,
  },
  { messages: count, pairs: count, agents: count },
);

const traits = z.object({
  visibility: visibility.nullable(),
  exposure: exposure.nullable(),
  concurrency: concurrency.nullable(),
  durability,
  cost: cost.nullable(),
});
export type Traits = z.infer<typeof traits>;

/** What one run of the lab says of one variant. */
export const capabilityCardSchema = z.object({
  variant: z.string(),
  options: z.record(z.string(), z.string()),
  run: z.object({
    seed: count,
    startedAt: z.string(),
    seconds: figure,
    isPartial: z.boolean(),
    workload: z.string(),
    workloadHash: z.string(),
    agents: count,
    messages: count,
    faultRules: count.describe('Faults that the run was made to suffer.'),
    machine: machineSchema,
  }),
  integrity: z.object({ isHeld: z.boolean(), sentence, witnesses: z.array(z.string()).readonly() }),
  traits: traits
    .nullable()
    .describe('Null where integrity failed; one trait is null where it was not measured.'),
  declared: z
    .array(
      z.object({
        guarantee: z.string(),
        declared: z.boolean(),
        measured: figure.describe('What was counted against it.'),
        isBorneOut: z.boolean(),
      }),
    )
    .readonly()
    .nullable()
    .describe('Null where no guarantee was tested.'),
  contradictions: z.array(z.string()).readonly().describe('What is declared and not borne out, in words.'),
});
export type CapabilityCard = z.infer<typeof capabilityCardSchema>;
