import { type PairTable, auc, examine, rankPairs } from '@musubi/observers';
import { UNANSWERED } from '../node/variants.js';
import { type AttackReport, type ReceiptPriceReport } from '../report/report.js';
import { IMMEDIATE, OFF, type ReceiptTiming, batchedEvery, delayedBy } from '../simulation/receipt-timing.js';
import { type Simulation, type SimulationParts, simulate } from '../simulation/simulation.js';
import { type Workload, sendsOf, workloadOf } from '../workloads/workload.js';
import {
  type Attack,
  type AttackOfEach,
  attackByAttack,
  batchAttacks,
  timelineOf,
  rowAttacks,
  timingAttacks,
} from './attacks.js';
import { volumeOf } from './controls.js';
import { truthOf } from './exposure.js';
import { type Judging, areaOf } from './grade.js';
import { inferredAttacks } from './inferred.js';
import { checkIntegrity } from './integrity.js';
import { mean } from './mean-grade.js';
import { addressesOf, partiesOf } from './parties.js';
import { median } from './quantiles.js';
import { STRANGERS } from './strangers.js';

/** Four runs of each placement: as many messages as tell the ways apart, and no more. */
const PRICED_MESSAGES = 80;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

/** Delays are as long on the average as the wait for a batch. */
const WAYS: readonly ReceiptTiming[] = [IMMEDIATE, batchedEvery(HOUR), delayedBy(HOUR / 2), OFF];

interface PriceOptions {
  readonly seed: number;
  readonly redundancy: number;
}

/**
 * What receipts give away, and what is had for it: the first messages of a workload, each way to send receipts. The ways
 * run side by side, each on a database and a clock of its own.
 */
export async function receiptPrices(
  parts: SimulationParts,
  options: PriceOptions,
): Promise<readonly ReceiptPriceReport[]> {
  const workload = firstOf(parts.workload, PRICED_MESSAGES);
  const truth = truthOf(workload);
  return Promise.all(
    WAYS.map(async (receipts) => {
      const isWithheld = receipts.mode === 'off' && parts.variant.answer === 'mailbox';
      const variant = isWithheld ? UNANSWERED : parts.variant;
      const simulation = await simulate({ ...parts, variant, workload }, { seed: options.seed, receipts });
      try {
        return await priceOf(simulation, { ...options, truth, mode: receipts.mode });
      } finally {
        await simulation.node.close();
        await parts.server.drop(simulation.node.db);
      }
    }),
  );
}

function firstOf({ name, agents, events }: Workload, messages: number): Workload {
  const last = sendsOf({ name, agents, events }).at(messages - 1)?.at ?? Infinity;
  return workloadOf(
    name,
    agents,
    events.filter(({ at }) => at <= last),
  );
}

interface Priced extends PriceOptions, Judging {
  readonly mode: ReceiptTiming['mode'];
}

async function priceOf(simulation: Simulation, priced: Priced): Promise<ReceiptPriceReport> {
  const { node, sent, savedAt, deliveredAt, confirmedAt } = simulation;
  const { shown, orphan } = await checkIntegrity(node, sent);
  const secondsTo = (heard: Simulation['savedAt']): number | null =>
    median(sent.map(({ id }) => ((heard.get(id) ?? Infinity) - (savedAt.get(id) ?? 0)) / SECOND));
  const seen = await strongestOf(simulation, priced);
  const [keyless] = KEYLESS.map((observer) => ({ observer, ...attackOf(seen, observer) })).toSorted(
    (one, other) => other.auc - one.auc,
  );
  return {
    mode: priced.mode,
    messages: sent.length,
    volumeAuc: auc(rankPairs(volumeOf(priced.truth), priced.truth)),
    confirmedShare: shown / sent.length,
    orphanRate: shown + orphan === 0 ? 0 : orphan / (shown + orphan),
    medianSecondsToDeliver: secondsTo(deliveredAt),
    medianSecondsToConfirm: secondsTo(confirmedAt),
    observer: keyless?.observer ?? '',
    ...(keyless ?? NOTHING),
    disk: attackOf(seen, 'whole-disk'),
  };
}

/** Those who hold no keys and run no node. */
const KEYLESS = ['crawler', STRANGERS, 'wiretap'];

const NOTHING: AttackReport = { attack: 'nothing', auc: 0.5, aucInterval: [0.5, 0.5] };

function attackOf(seen: ReadonlyMap<string, AttackReport>, observer: string): AttackReport {
  return seen.get(observer) ?? NOTHING;
}

/**
 * Each party's attack that finds most. Which one that is, is known from the truth and not to the party: the figure is an
 * upper bound of these attacks.
 */
async function strongestOf(
  simulation: Simulation,
  priced: Priced,
): Promise<ReadonlyMap<string, AttackReport>> {
  const { truth, mode } = priced;
  const agents = simulation.node.agents.slice(0, truth.agents);
  const addresses = addressesOf(simulation, agents);
  const attacks = new Map<string, readonly (readonly Attack[])[]>();
  const isPutOff = mode === 'batched' || mode === 'delayed';
  for (const { name, observers, since, clocks, includes = '' } of await partiesOf(simulation, priced)) {
    if (name === 'conversant') continue;
    const ofEach: (readonly Attack[])[] = [];
    for (const observer of observers) {
      const findings = await examine(observer, { agents, addresses, since });
      const timed = clocks.flatMap((clock) => {
        const timeline = timelineOf(findings, clock);
        const ofBatches = isPutOff ? batchAttacks(timeline, HOUR / spanOf(simulation)) : [];
        return [...timingAttacks(timeline), ...ofBatches];
      });
      // A party that reads all rows of another party can infer all that the other infers.
      const inferred = attacks.has(includes) ? [] : inferredAttacks(findings).attacks;
      const others = (attacks.get(includes) ?? []).flat();
      ofEach.push([...rowAttacks(findings), ...inferred, ...timed, ...others]);
    }
    attacks.set(name, ofEach);
  }
  return new Map(
    [...attacks].flatMap(([observer, ofEach]) => {
      const best = bestOf(attackByAttack(ofEach, truth.agents), truth);
      return best === undefined ? [] : [[observer, areaOf(best, priced)] as const];
    }),
  );
}

function bestOf(attacks: readonly AttackOfEach[], truth: PairTable): AttackOfEach | undefined {
  const areas = attacks.map((attack) => ({
    attack,
    area: mean(attack.tables.map((scores) => auc(rankPairs(scores, truth)))),
  }));
  return areas.toSorted((one, other) => other.area - one.area)[0]?.attack;
}

/** From the first message to the last. µs */
function spanOf({ sent, savedAt }: Simulation): number {
  const at = (message: (typeof sent)[number] | undefined): number =>
    message === undefined ? 0 : (savedAt.get(message.id) ?? 0);
  return Math.max(HOUR, at(sent.at(-1)) - at(sent[0]));
}
