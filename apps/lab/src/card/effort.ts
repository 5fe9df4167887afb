import { amount, byteSize, counted } from '../report/page/numbers.js';
import { type CardPlacement } from './card-report.js';
import { type Traits } from './card.schema.js';

/** How it behaves under several senders at once. */
export function concurrencyOf({ load }: CardPlacement): Traits['concurrency'] {
  const [first] = load?.points ?? [];
  if (load === null || first === undefined) return null;
  const points = load.points.map((point) => ({
    senders: point.concurrency,
    messagesPerSecond: point.actsPerSecond,
    p95Ms: point.delivered?.p95 ?? null,
    timed: point.timed,
    headMovedPerMessage: point.headMovedPerMessage,
    gaveUp: point.gaveUp,
  }));
  const list = (one: (point: (typeof points)[number]) => string): string => points.map(one).join(', ');
  const sentence =
    `With ${list(({ senders }) => amount(senders))} senders at once, ` +
    `${list(({ messagesPerSecond }) => amount(messagesPerSecond))} messages a second, delivered within ` +
    `${list(({ p95Ms }) => (p95Ms === null ? '–' : amount(p95Ms)))} ms at p95.`;
  return { sentence, figures: { points }, samples: { messages: first.acts, backToBack: first.backToBack } };
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
