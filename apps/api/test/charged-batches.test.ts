import { describe, expect, it } from '@jest/globals';
import {
  type MessageId,
  MessageNotFoundError,
  type MessageRef,
  parseAgentPubKey,
  parseTimestamp,
} from '@musubi/messaging';
import { type Caller } from '../src/access/access.js';
import { type WorkBudget } from '../src/access/work-budget.js';
import { type WorkPlaces } from '../src/access/work-places.js';
import { ReceiptsController } from '../src/messages/receipts.controller.js';
import { type Waits } from '../src/messages/waits.js';
import { type ServiceStrategy } from '../src/node/strategies.js';

const agent = parseAgentPubKey(`${'b'.repeat(42)}A`);
const session = {
  ...{ id: 'session', agent, seq: 1, isAttended: false },
  ...{ createdAt: parseTimestamp(0), usedAt: parseTimestamp(0) },
};
const caller: Caller = { agent, network: '192.0.2.1', token: 'token', session };

describe('a batch of receipts', () => {
  it('takes a place, and is charged by message before it is looked at, known or not', async () => {
    const events: string[] = [];
    const node = { delivery: { sendReceipts: () => Promise.resolve() } };
    const work = {
      charge: (_: unknown, points: number) => {
        events.push(`charged ${points}`);
        return Promise.resolve();
      },
    };
    const places = {
      inTurn: (_: unknown, run: () => Promise<unknown>) => {
        events.push('in turn');
        return run();
      },
    };
    const strategy = {
      messages: {
        find: ({ message }: MessageRef) => {
          events.push(`looked for ${message}`);
          return Promise.reject(new MessageNotFoundError('this agent holds no such message'));
        },
      },
    };
    const controller = new ReceiptsController(
      node as unknown as ConstructorParameters<typeof ReceiptsController>[0],
      { upTo: () => undefined } as unknown as Waits,
      work as unknown as WorkBudget,
      places as unknown as WorkPlaces,
    );
    const messages = ['one', 'two', 'one'] as MessageId[];

    const read = controller.read(strategy as unknown as ServiceStrategy, caller, {
      status: 'read',
      messages,
    });

    await expect(read).rejects.toThrow(MessageNotFoundError);
    expect(events).toEqual(['in turn', 'charged 2', 'looked for one', 'looked for two']);
  });
});
