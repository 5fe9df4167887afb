import { describe, expect, it } from '@jest/globals';
import { type Hash, authoritiesOf, hashFrom, holdingOf, locationOf } from '@musubi/cell';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import fc from 'fast-check';

const RING = 2 ** 32;

/** 32 bytes that stand at this place of the ring: the first word is the place, the rest cancel out. */
function at(location: number, twin = 0): Hash {
  const words = new DataView(new ArrayBuffer(32));
  words.setUint32(0, location, true);
  words.setUint32(4, twin, true);
  words.setUint32(8, twin, true);
  return hashFrom(new Uint8Array(words.buffer));
}

const agentAt = (location: number): AgentPubKey => parseAgentPubKey(at(location));
const apart = (a: number, b: number): number => Math.min(Math.abs(a - b), RING - Math.abs(a - b));

const places = fc.nat(RING - 1);
const crowds = fc.uniqueArray(places, { maxLength: 20 }).map((locations) => locations.map(agentAt));
const redundancies = fc.integer({ min: 1, max: 8 });

describe('locationOf', () => {
  it('is where a hash was put', () => {
    fc.assert(
      fc.property(places, places, (location, twin) => {
        expect(locationOf(at(location, twin))).toBe(location);
      }),
    );
  });

  it('is on the ring for any hash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const location = locationOf(hashFrom(bytes));
        expect(location >= 0 && location < RING && Number.isInteger(location)).toBe(true);
      }),
    );
  });
});

describe('authoritiesOf', () => {
  it('is as many agents as the redundancy, or all of them', () => {
    fc.assert(
      fc.property(crowds, places, redundancies, (agents, basis, redundancy) => {
        expect(authoritiesOf(at(basis), agents, redundancy)).toHaveLength(
          Math.min(redundancy, agents.length),
        );
      }),
    );
  });

  it('is five agents when nothing else is said', () => {
    expect(authoritiesOf(at(0), [1, 2, 3, 4, 5, 6].map(agentAt))).toHaveLength(5);
  });

  it('is the nearest agents, nearest first', () => {
    fc.assert(
      fc.property(crowds, places, redundancies, (agents, basis, redundancy) => {
        const distance = (agent: AgentPubKey): number =>
          apart(basis, locationOf(hashFrom(Buffer.from(agent, 'base64url'))));
        const nearest = agents
          .map(distance)
          .sort((a, b) => a - b)
          .slice(0, redundancy);
        expect(authoritiesOf(at(basis), agents, redundancy).map(distance)).toEqual(nearest);
      }),
    );
  });

  it('does not depend on the order in which the agents are named', () => {
    const shuffled = crowds.chain((agents) =>
      fc.tuple(fc.constant(agents), fc.shuffledSubarray(agents, { minLength: agents.length })),
    );
    fc.assert(
      fc.property(shuffled, places, ([agents, others], basis) => {
        expect(authoritiesOf(at(basis), others)).toEqual(authoritiesOf(at(basis), agents));
      }),
    );
  });

  it('does not depend on the order of agents that are equally near', () => {
    const [left, right] = [agentAt(90), agentAt(110)];
    expect(authoritiesOf(at(100), [left, right], 1)).toEqual(authoritiesOf(at(100), [right, left], 1));
  });

  it('leaves the agents that it was given in their order', () => {
    const agents = [9, 1, 5].map(agentAt);
    authoritiesOf(at(0), agents);
    expect(agents).toEqual([9, 1, 5].map(agentAt));
  });

  it('stays the same when an agent joins that is farther away', () => {
    const scenes = fc.tuple(fc.uniqueArray(places, { minLength: 6, maxLength: 20 }), places);
    fc.assert(
      fc.property(scenes, ([locations, basis]) => {
        const sorted = [...locations].sort((a, b) => apart(a, basis) - apart(b, basis));
        const far = sorted.at(-1) ?? 0;
        const before = authoritiesOf(at(basis), sorted.slice(0, -1).map(agentAt));
        fc.pre(apart(far, basis) > apart(sorted[4] ?? 0, basis));
        expect(authoritiesOf(at(basis), [agentAt(far), ...sorted.slice(0, -1).map(agentAt)])).toEqual(before);
      }),
    );
  });

  it('goes around the end of the ring', () => {
    const [beforeEnd, afterStart, opposite] = [agentAt(RING - 2), agentAt(3), agentAt(RING / 2)];
    expect(authoritiesOf(at(0), [opposite, afterStart, beforeEnd], 2)).toEqual([beforeEnd, afterStart]);
  });

  it('is nobody where there is nobody', () => {
    expect(authoritiesOf(at(0), [])).toEqual([]);
  });
});

describe('holdingOf', () => {
  it('says of each agent what authoritiesOf() says of all, ties and twins included', () => {
    // Close by, on either side of where the ring is cut, and half way around.
    const spot = fc.oneof(
      fc.nat(6),
      fc.integer({ min: RING - 6, max: RING - 1 }),
      fc.nat(6).map((n) => RING / 2 + n),
    );
    const crowded = fc.uniqueArray(fc.tuple(spot, fc.nat(3)), {
      minLength: 1,
      maxLength: 12,
      selector: String,
    });
    fc.assert(
      fc.property(crowded, spot, redundancies, (spots, basis, redundancy) => {
        const agents = spots.map(([location, twin]) => parseAgentPubKey(at(location, twin)));
        const holders = authoritiesOf(at(basis), agents, redundancy);
        expect(agents.filter((agent) => holdingOf(agent, agents, redundancy)(at(basis)))).toEqual(
          agents.filter((agent) => holders.includes(agent)),
        );
      }),
    );
  });
});
