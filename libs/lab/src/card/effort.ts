import { amount, byteSize, counted } from '../page/numbers.js';
import { type CardPlacement } from './card-report.js';
import { type Traits } from './card.schema.js';

/** How it behaves under several senders at once. Figures that do not count are not there. */
export function concurrencyOf({ load }: CardPlacement): Traits['concurrency'] {
  const [first] = load?.points ?? [];
  if (load === null || first === undefined) return null;
  const points = load.points.map(cardPoint);
  const sizes = first.notValid === null ? first : (load.points.find(isValid) ?? first);
  return {
    sentence: sentenceOf(points),
    figures: { points },
    samples: { messages: sizes.acts, backToBack: sizes.backToBack },
  };
}

type Point = NonNullable<CardPlacement['load']>['points'][number];
type CardPoint = NonNullable<Traits['concurrency']>['figures']['points'][number];

function isValid({ notValid }: Point): boolean {
  return notValid === null;
}

function cardPoint(point: Point): CardPoint {
  const { concurrency, notValid, timed } = point;
  const none = { messagesPerSecond: null, messagesPerSecondInterval: null, p95Ms: null };
  if (notValid !== null)
    return { senders: concurrency, notValid, ...none, timed, headMovedPerMessage: null, gaveUp: null };
  return {
    senders: concurrency,
    notValid,
    messagesPerSecond: point.actsPerSecond,
    messagesPerSecondInterval: point.actsPerSecondInterval,
    p95Ms: point.delivered?.p95 ?? null,
    timed,
    headMovedPerMessage: point.headMovedPerMessage,
    gaveUp: point.gaveUp,
  };
}

function sentenceOf(points: readonly CardPoint[]): string {
  const valid = points.filter(({ notValid }) => notValid === null);
  const said = (value: number | null): string => (value === null ? '–' : amount(value));
  const list = (of: (point: CardPoint) => number | null): string =>
    valid.map((point) => said(of(point))).join(', ');
  const left = points.flatMap(({ senders, notValid }) =>
    notValid === null ? [] : [`Not valid with ${amount(senders)} at once: ${notValid}.`],
  );
  const told =
    valid.length === 0
      ? []
      : [
          `With ${list(({ senders }) => senders)} senders at once, ${list(({ messagesPerSecond }) => messagesPerSecond)} ` +
            `messages a second, delivered within ${list(({ p95Ms }) => p95Ms)} ms at p95.`,
        ];
  return [...told, ...left].join(' ');
}

/** What messages, pairs and agents cost. */
export function costOf({ cost }: CardPlacement): Traits['cost'] {
  if (cost === null) return null;
  const { messages, pairs, agents } = cost;
  const figures = {
    rowsPerMessage: cost.rowsPerMessage,
    bytesPerMessage: cost.bytesPerMessage,
    callsPerMessage: cost.callsPerMessage,
    rowsPerPair: cost.rowsPerPair,
    bytesPerPair: cost.bytesPerPair,
    callsPerPair: cost.callsPerPair,
    rowsPerAgent: cost.rowsPerAgent,
    bytesPerAgent: cost.bytesPerAgent,
  };
  const sentence =
    `A message costs ${amount(figures.rowsPerMessage)} rows, ${byteSize(figures.bytesPerMessage)} and ` +
    `${amount(figures.callsPerMessage)} remote calls, a pair ${amount(figures.rowsPerPair)} rows more, an agent ` +
    `${amount(figures.rowsPerAgent)} (of ${counted(messages, 'message')}, ${counted(pairs, 'pair')}).`;
  return { sentence, figures, samples: { messages, pairs, agents } };
}
