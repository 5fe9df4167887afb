import { expect } from '@jest/globals';
import { type AgentPubKey, HeadMovedError } from '@musubi/messaging';
import { AdvancingClock } from '@musubi/testing';
import { type FaultRow, everywhere } from '../fault-row.js';
import { whileHeadMoves } from '../second-writer.js';
import { type Sent } from '../sent.js';
import { type Testbed } from '../testbed.js';

const CROWD = 32;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const manyToOne: FaultRow = {
  fault: 'F12',
  title: `${CROWD} senders write to one recipient at once`,
  cells: everywhere({
    'delivers every message once through one outbox': async (testbed) => {
      const bob = await testbed.newAgent(testbed.nodes.at(-1));
      const senders: AgentPubKey[] = [];
      while (senders.length < CROWD) senders.push(await testbed.newAgent());

      const all = await Promise.all(senders.map((sender) => testbed.save(sender, bob)));

      await testbed.untilDelivered(...all);
    },
  }),
};

async function idsOf(testbed: Testbed, holder: AgentPubKey): Promise<readonly string[]> {
  const { items } = await testbed.at(holder).messages.list(holder, { anchor: { at: 'latest' }, limit: 50 });
  return items.map(({ message }) => message.id);
}

const skewedClocks: FaultRow = {
  fault: 'F17',
  title: 'The clocks of the two agents are two hours apart',
  cells: everywhere({
    'shows both sides one order, by (time, id), and merges statuses by rank': async (testbed) => {
      const fast = await testbed.another({ clock: new AdvancingClock() });
      // Midnight lies between them: each has another day.
      const untilMidnight = DAY_SECONDS - (Math.round(Number(fast.clock.now()) / 1e6) % DAY_SECONDS);
      testbed.node.clock.advance(untilMidnight - HOUR_SECONDS);
      fast.clock.advance(untilMidnight + HOUR_SECONDS);
      const [alice, bob] = [await testbed.newAgent(), await testbed.newAgent(fast)];
      // A letter of another day is found by the next poll.
      const deliver = async (author: AgentPubKey, recipient: AgentPubKey): Promise<Sent> => {
        const sent = await testbed.save(author, recipient);
        await testbed.untilDelivered(sent);
        return sent;
      };
      const all = [];
      for (let turn = 0; turn < 3; turn += 1) all.push(await deliver(alice, bob), await deliver(bob, alice));

      const answer = all.at(-1) ?? (await deliver(bob, alice));
      await testbed.at(alice).read({ holder: alice, message: answer.message });
      await testbed.passTime(async () => {
        expect(await testbed.status(answer)).toBe('read');
      });

      const [saved, delivered, read] = (await testbed.find(answer)).receipts.map(({ at }) => at);
      expect([Number(delivered) < Number(saved), Number(read) < Number(saved)]).toEqual([true, true]);
      const here = await idsOf(testbed, alice);
      expect(here).toEqual(await idsOf(testbed, bob));
      const sentByAlice = all.filter(({ author }) => author === alice).map(({ message }) => message);
      expect(here.slice(3)).toEqual(sentByAlice.reverse());
    },
  }),
};

const twoProcesses: FaultRow = {
  fault: 'F18',
  title: 'Two processes append for one author',
  cells: everywhere({
    'stores both under relaxed ordering, one after the other': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      await testbed.deliver(alice, bob);

      const { worked, second } = await whileHeadMoves(testbed, [alice, bob], () => testbed.save(alice, bob));

      expect(worked.status).toBe('fulfilled');
      await testbed.untilDelivered(...testbed.sent, second);
    },

    'lets one win under strict ordering, and reports to the other': async (testbed) => {
      const strict = await testbed.another({ ordering: 'strict' });
      const [alice, bob] = [await testbed.newAgent(strict), await testbed.newAgent()];
      await testbed.deliver(alice, bob);

      const { worked, second } = await whileHeadMoves(testbed, [alice, bob], () => testbed.save(alice, bob));

      expect(worked).toMatchObject({ status: 'rejected', reason: expect.any(HeadMovedError) });
      await testbed.untilDelivered(second);
    },

    'delivers a message once when both find it in the outbox': async (testbed) => {
      const [alice, bob] = await testbed.pair();
      const twin = await testbed.openBeside();
      await twin.signIn(alice);
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          testbed.save(alice, bob, index % 2 === 0 ? testbed.node : twin),
        ),
      );

      await testbed.untilDelivered(...all);
    },
  }),
};

export const crowdRows: readonly FaultRow[] = [manyToOne, skewedClocks, twoProcesses];
