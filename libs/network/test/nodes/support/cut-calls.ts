import { type RemoteCallOutcome } from '@musubi/network';
import { type SimCut } from '@musubi/network/nodes';
import { SimWorld, callBetween, seededRandom } from './sim-nodes.js';

/** What a frame of a short message takes: hello, proof, reply. */
const FRAME_BYTES = 2052;

export interface CutCall {
  readonly seed: number;
  readonly cut: SimCut;
  readonly outcome: RemoteCallOutcome['kind'];
  /** How often the callee was asked, also long after the call ended. */
  readonly served: number;
  /** How a second call ended, over a connection of its own. */
  readonly next: RemoteCallOutcome['kind'];
}

function cutFrom(random: () => number): SimCut {
  return {
    direction: random() < 0.5 ? 'to-listener' : 'to-dialler',
    afterBytes: Math.floor(random() * 4.2 * FRAME_BYTES),
    how: random() < 0.7 ? 'reset' : 'half-open',
  };
}

/** One call over a new link that is cut at a random byte, in either direction. */
export async function callWithCut(seed: number): Promise<CutCall> {
  const cut = cutFrom(seededRandom(seed));
  let isFirst = true;
  const cutOf = (): SimCut | undefined => {
    const given = isFirst ? cut : undefined;
    isFirst = false;
    return given;
  };
  const world = new SimWorld({ seed, cutOf, weather: { loss: 0.05 } });
  const [here, there] = [await world.node(1), await world.node(2)];
  world.echo(there);
  const { kind } = await world.clock.run(here.calls.call(callBetween(here, there)));
  // Longer than a half-open link lives.
  await world.clock.advance(120_000);
  const served = there.served.length;
  const next = await world.clock.run(here.calls.call(callBetween(here, there)));
  return { seed, cut, outcome: kind, served, next: next.kind };
}

/** @returns what is wrong with how the call ended; null when nothing is */
export function faultOf({ cut, next, outcome, served }: CutCall): string | null {
  if (next !== 'ok') return `the next call ended ${next}`;
  if (served > 1) return 'it was served twice';
  if (outcome === 'not-sent' && served > 0) return 'it was served, and not sent';
  if (outcome === 'ok' && served === 0) return 'it was answered, and not served';
  return allowedFor(cut, served).includes(outcome) ? null : `it ended ${outcome}`;
}

/** The hello goes before the call on either side, and the proof as well to the listener. */
function allowedFor({ afterBytes, direction }: SimCut, served: number): readonly RemoteCallOutcome['kind'][] {
  const whole = (direction === 'to-listener' ? 3 : 2) * FRAME_BYTES;
  if (afterBytes > whole) return ['ok'];
  if (direction === 'to-dialler' && afterBytes < FRAME_BYTES) return ['not-sent'];
  return served > 0 ? ['unknown', 'ok'] : ['unknown', 'not-sent'];
}
