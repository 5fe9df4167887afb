import { type HotReport } from './hot-recipient.js';
import { type UnreachableReport } from './unreachable-recipients.js';

/** What a p95 beside unreachable recipients may be of the p95 without them. */
export const HIGHEST_RATIO = 2;

export interface DeliveryReport {
  readonly unreachable: readonly UnreachableReport[];
  readonly hot: readonly HotReport[];
}

/** What must not be, in sentences; none when all is well. */
export function failuresOf({ unreachable, hot }: DeliveryReport): readonly string[] {
  return [
    ...unreachable
      .filter(({ ratio }) => ratio > HIGHEST_RATIO)
      .map(({ ratio }) => `p95 beside unreachable recipients is ${shown(ratio)} × the p95 without them`),
    ...hot
      .filter(({ delivered, messages }) => delivered !== messages)
      .map(({ ordering, delivered, messages }) => `${ordering}: ${delivered} of ${messages} were delivered`),
    ...hot
      .filter(({ isOneChain }) => !isOneChain)
      .map(({ ordering }) => `${ordering}: the recipient's chain is not one line with each message once`),
  ];
}

/** For people. */
export function textOf(report: DeliveryReport): string {
  const failures = failuresOf(report).map((failure) => `FAILED: ${failure}`);
  return [
    ...report.unreachable.map(unreachableText),
    ...report.hot.map(hotText),
    ...(failures.length === 0 ? ['All as it must be.'] : failures),
  ].join('\n\n');
}

function unreachableText({ settings, alone, beside, ratio, ...counts }: UnreachableReport): string {
  const { peers, messagesEach, silenceMs, samples, rounds } = settings;
  return [
    `${peers} unreachable recipients with ${messagesEach} messages each, noticed after ${silenceMs} ms`,
    `  median of ${rounds} rounds of ${samples}, with and without them in turn; all ${counts.delivered} delivered`,
    `  without them  p50 ${shown(alone.p50Ms)} ms  p95 ${shown(alone.p95Ms)} ms`,
    `  beside them   p50 ${shown(beside.p50Ms)} ms  p95 ${shown(beside.p95Ms)} ms  (${counts.attemptsInVain} attempts in vain)`,
    `  p95 ratio     ${shown(ratio)} (at most ${HIGHEST_RATIO})`,
  ].join('\n');
}

function hotText({ ordering, settings, headMovedPerMessage, ...figures }: HotReport): string {
  return [
    `${settings.senders} senders to one recipient, ${settings.messagesEach} messages each, ${ordering} ordering`,
    `  delivered     ${figures.delivered} of ${figures.messages} in ${shown(figures.seconds)} s: ${shown(figures.deliveredPerSecond)} a second`,
    `  attempts      ${shown(figures.attemptsPerMessage)} a message; ${figures.gaveUp} were asked for again by their owners`,
    `  head moved    ${shown(headMovedPerMessage.recipients)} a message at the recipient, ${shown(headMovedPerMessage.own)} at the author`,
    `  one chain     ${figures.isOneChain ? 'yes' : 'NO'}`,
  ].join('\n');
}

const shown = (figure: number): string => figure.toFixed(2);
