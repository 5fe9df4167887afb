import { type StrategyName } from '@musubi/messaging';
import { z } from 'zod';
import { type Agent } from '../../../apps/api/test/support/client.js';
import { type HttpClient } from './http-client.js';

/** As long as an answer may wait for the last step of its act. */
const WAIT_S = 30;
/** A sentence, as people write them. */
const TEXT = 'The quick brown fox jumps over the lazy dog, and tells nobody of it.';

export interface Route {
  readonly from: Agent;
  readonly to: Agent;
}

export interface Sent extends Route {
  readonly placement: StrategyName;
  readonly id: string;
}

export interface Load {
  readonly placement: StrategyName;
  /** Each is walked by one sender, one act after another. */
  readonly routes: readonly Route[];
  /** No act is begun after so many seconds; each route gets one at least. */
  readonly seconds: number;
  /** Or after so many acts on all routes together. */
  readonly acts?: number;
}

export interface LoadResult {
  readonly sent: readonly Sent[];
  /** From the request to the answer that says delivered: then the author has confirmed the receipt. */
  readonly latenciesMs: readonly number[];
  readonly seconds: number;
}

const answerSchema = z.object({ id: z.string(), status: z.string() });

/** A closed loop: as many acts are in hand as there are routes. @throws Error when an act is refused */
export async function runLoad(client: HttpClient, load: Load): Promise<LoadResult> {
  const sent: Sent[] = [];
  const latenciesMs: number[] = [];
  const start = performance.now();
  const { acts = Number.POSITIVE_INFINITY } = load;
  let begun = 0;
  const walk = async (route: Route): Promise<void> => {
    do {
      begun += 1;
      const at = performance.now();
      const { id, status } = await send(client, load.placement, route);
      sent.push({ ...route, placement: load.placement, id });
      if (status === 'delivered') latenciesMs.push(performance.now() - at);
    } while (begun < acts && performance.now() - start < load.seconds * 1000);
  };
  await Promise.all(load.routes.map(walk));
  return { sent, latenciesMs, seconds: (performance.now() - start) / 1000 };
}

async function send(
  client: HttpClient,
  placement: StrategyName,
  { from, to }: Route,
): Promise<z.infer<typeof answerSchema>> {
  const { status, body } = await client.ask(`/v1/strategies/${placement}/messages`, {
    token: from.token,
    body: { to: to.agent, payload: { type: 'text', text: TEXT } },
    wait: WAIT_S,
  });
  if (status !== 201) throw new Error(`${placement}: ${status} ${body}`);
  return answerSchema.parse(JSON.parse(body));
}
