import { expect } from '@jest/globals';
import { type Agent, type MessageJson } from '../../../apps/api/test/support/client.js';
import { type LinkedNode } from '../../nodes/support/linked-node.js';
import { until } from '../../support/until.js';

export const PLACEMENTS = ['source-chain', 'pairwise-dht'] as const;

/** An agent, and the node that it is on. */
export interface Party {
  readonly node: LinkedNode;
  readonly agent: Agent;
}

/** Both agents have the other's card. */
export async function acquaint(one: Party, other: Party): Promise<void> {
  for (const [holder, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    await holder.node.take(holder.agent, peer.agent.agent, await peer.node.cardOf(peer.agent));
  }
}

/** What two agents wrote to each other, and that each of it is there once. */
export class Correspondence {
  private readonly texts: string[] = [];

  constructor(
    private readonly one: Party,
    private readonly other: Party,
  ) {}

  /** One message each way on each placement, at once. @returns their status when they were answered */
  async write(about: string, waitSeconds = 0): Promise<readonly string[]> {
    const sends = PLACEMENTS.flatMap((strategy) => [
      this.send(strategy, this.one, this.other, `${about}, there`, waitSeconds),
      this.send(strategy, this.other, this.one, `${about}, back`, waitSeconds),
    ]);
    this.texts.push(`${about}, there`, `${about}, back`);
    return (await Promise.all(sends)).toSorted();
  }

  /** Waits until everything is delivered. Both agents then have each message once. */
  async expectWhole(): Promise<void> {
    for (const party of [this.one, this.other]) {
      for (const strategy of PLACEMENTS) {
        await until(async () => {
          const found = await this.messagesOf(party, strategy);
          expect(found.map(({ text }) => text)).toEqual(this.texts.toSorted());
          expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['delivered']));
        });
      }
    }
  }

  /** Waits until so many attempts were made for each message that is not delivered. */
  async untilTried(attempts: number): Promise<void> {
    for (const party of [this.one, this.other]) {
      for (const strategy of PLACEMENTS) {
        await until(async () => {
          for (const { delivery } of await this.itemsOf(party, strategy)) {
            expect(delivery?.attempt ?? attempts).toBeGreaterThanOrEqual(attempts);
          }
        });
      }
    }
  }

  private async itemsOf({ node, agent }: Party, strategy: string): Promise<readonly MessageJson[]> {
    const path = `/v1/strategies/${strategy}/messages?limit=200`;
    return (await node.client.get('messages', path, { token: agent.token })).items;
  }

  private async messagesOf(
    party: Party,
    strategy: string,
  ): Promise<readonly { readonly text: string; readonly status: string }[]> {
    return (await this.itemsOf(party, strategy))
      .map(({ payload, status }) => ({ text: payload.text, status }))
      .toSorted((a, b) => (a.text < b.text ? -1 : 1));
  }

  private async send(
    strategy: string,
    from: Party,
    to: Party,
    text: string,
    seconds: number,
  ): Promise<string> {
    const headers = { prefer: `wait=${seconds}` };
    return (await from.node.client.send(strategy, from.agent, to.agent, { text, headers })).status;
  }
}
