import { lossOf } from './ledger.js';
import { type BenchReport, type FloorFigures, type LoadFigures, type PlacementReport } from './report.js';

const MIB = 2 ** 20;

export interface Target {
  readonly name: string;
  readonly aim: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** What was asked of the service, and what it did. What a run did not measure is left out. */
export function targetsOf(report: BenchReport): readonly Target[] {
  return [...report.placements.flatMap(placementTargets), ...serviceTargets(report)];
}

function placementTargets(report: PlacementReport): readonly Target[] {
  const { placement, loads, hotRecipient, shareOfFloor } = report;
  const at = (concurrency: number): LoadFigures | undefined =>
    loads.find((load) => load.concurrency === concurrency);
  const [at32, at8, alike] = [at(32), at(8), at(hotRecipient.concurrency)];
  const targets = [
    at32 !== undefined &&
      atLeast('acts/s at 32, of the same writes bare', shareOfFloor, { aim: 0.6, shown: percent }),
    at32 !== undefined && atLeast('acts/s at 32', at32.perSecond, { aim: 2000, shown: whole }),
    at8 !== undefined && atMost('p99 at 8, of p50', at8.p99Ms / at8.p50Ms, { aim: 5, shown: times }),
    alike !== undefined &&
      atLeast('hot recipient, of as many pairs', hotRecipient.perSecond / alike.perSecond, {
        aim: 0.5,
        shown: percent,
      }),
  ];
  return targets.flatMap((target) =>
    target === false ? [] : [{ ...target, name: `${placement}: ${target.name}` }],
  );
}

/** The service's acts a second, of those that a floor allows at the same concurrency. */
export function shareOf({ loads }: PlacementReport, floor: FloorFigures | undefined): number {
  const load = loads.find(({ concurrency }) => concurrency === floor?.concurrency);
  return load === undefined || floor === undefined ? Number.NaN : load.perSecond / floor.perSecond;
}

function serviceTargets({ hotChain, pages, memory, losses }: BenchReport): readonly Target[] {
  const [shorter, longest] = [pages.at(-2), pages.at(-1)];
  const { idle, warm, after } = memory;
  return [
    ...losses.map((loss) =>
      atMost(`${loss.placement}: messages lost of ${whole(loss.sent)}`, lossOf(loss), {
        aim: 0,
        shown: whole,
      }),
    ),
    atLeast('appends/s on one hot chain', hotChain.perSecond, { aim: 5000, shown: whole }),
    ...(shorter === undefined || longest === undefined
      ? []
      : [
          atMost(
            `page of ${whole(longest.messages)} messages, of ${whole(shorter.messages)}`,
            longest.latestMs / shorter.latestMs,
            { aim: 2, shown: times },
          ),
        ]),
    atMost('memory at rest', idle.rss, { aim: 150 * MIB, shown: mebibytes }),
    atMost(`heap after ${whole(memory.acts)} acts, of before`, after.heapUsed / warm.heapUsed, {
      aim: 1.2,
      shown: times,
    }),
    atMost(`memory after ${whole(memory.acts)} acts, of before`, after.rss / warm.rss, {
      aim: 1.2,
      shown: times,
    }),
    atMost(`memory after ${whole(memory.acts)} acts, of at rest`, after.rss / idle.rss, {
      aim: 1.2,
      shown: times,
    }),
  ];
}

interface Aim {
  readonly aim: number;
  readonly shown: (figure: number) => string;
}

function atLeast(name: string, figure: number, { aim, shown }: Aim): Target {
  return { name, aim: `≥ ${shown(aim)}`, measured: shown(figure), isMet: figure >= aim };
}

function atMost(name: string, figure: number, { aim, shown }: Aim): Target {
  return { name, aim: `≤ ${shown(aim)}`, measured: shown(figure), isMet: figure <= aim };
}

export const whole = (figure: number): string => Math.round(figure).toLocaleString('en');
export const percent = (figure: number): string => `${(figure * 100).toFixed(0)} %`;
export const times = (figure: number): string => `${figure.toFixed(2)} ×`;
export const mebibytes = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
