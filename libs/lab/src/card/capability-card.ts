import { holds } from '../figures/integrity.js';
import { counted } from '../page/numbers.js';
import { contradictionOf } from '../report/declared-report.js';
import { type CardPlacement, type CardReport } from './card-report.js';
import { type CapabilityCard } from './card.schema.js';
import { concurrencyOf, costOf } from './effort.js';
import { durabilityOf, exposureOf, visibilityOf } from './promises.js';

/** What a report says of one variant; `null` where the variant is not in it. Without integrity there are no figures. */
export function capabilityCard(report: CardReport, variant: string): CapabilityCard | null {
  const placement = report.placements.find((one) => one.variant === variant);
  if (placement === undefined) return null;
  const { options, integrity } = placement;
  const isHeld = holds(integrity);
  return {
    variant,
    options: { ...options },
    run: runOf(report),
    integrity: { isHeld, sentence: integritySentence(placement, isHeld), witnesses: integrity.witnesses },
    traits: isHeld
      ? {
          visibility: visibilityOf(placement),
          exposure: exposureOf(placement, report.controls.volume),
          concurrency: concurrencyOf(placement),
          durability: durabilityOf(placement),
          cost: costOf(placement),
        }
      : null,
    ...promisesOf(isHeld ? placement.declared : null),
  };
}

function runOf({ parameters, startedAt, seconds, isPartial, machine }: CardReport): CapabilityCard['run'] {
  const { seed, workload, workloadHash, agents, messages, faults } = parameters;
  const asked = { workload, workloadHash, agents, messages, faultRules: faults.length };
  return { seed, startedAt, seconds, isPartial, ...asked, machine: { ...machine } };
}

function integritySentence({ integrity }: CardPlacement, isHeld: boolean): string {
  const { messages, lost, doubled, phantom, chainFaults } = integrity;
  const of = counted(messages, 'message');
  if (isHeld)
    return `Of ${of}, none was lost, doubled or falsely shown as delivered, and every chain is whole.`;
  return (
    `Of ${of}, ${lost} lost, ${doubled} doubled, ${phantom} falsely shown as delivered, and ` +
    `${counted(chainFaults, 'fault')} of chains: no other figure of this run counts.`
  );
}

function promisesOf(tested: CardPlacement['declared']): Pick<CapabilityCard, 'declared' | 'contradictions'> {
  if (tested === null) return { declared: null, contradictions: [] };
  return {
    declared: tested.map(({ guarantee, declared, measured, isBorneOut }) => {
      return { guarantee, declared, measured, isBorneOut };
    }),
    contradictions: tested
      .filter(({ isBorneOut }) => !isBorneOut)
      .map((field) => `It ${contradictionOf(field)}.`),
  };
}
