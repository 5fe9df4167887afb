import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@musubi/messaging';
import {
  type Carrier,
  type Gate,
  LINK_LIMITS,
  type LinkLimits,
  NodeLinks,
  type NodePlace,
  SimClock,
} from '@musubi/network/nodes';
import { identityFromSeed, signerOf } from './support/sim-nodes.js';

const LIMITS = { ...LINK_LIMITS, dialsPerMinute: 3, peers: 3 };
const NETWORKS = 10_000;

/** Nobody answers anywhere. */
class VoidCarrier implements Carrier {
  readonly scheme = 'tcp:';
  readonly dialled: string[] = [];
  gate: Gate | undefined;

  dial({ address }: { readonly address: string }): Promise<never> {
    this.dialled.push(address);
    return Promise.reject(new Error('nobody is there'));
  }

  listen(gate: Gate): Promise<null> {
    this.gate = gate;
    return Promise.resolve(null);
  }
}

let carrier: VoidCarrier;
let links: NodeLinks;

beforeEach(async () => {
  await use(LIMITS);
});

afterEach(async () => {
  await links.close(0);
});

async function use(limits: LinkLimits): Promise<void> {
  carrier = new VoidCarrier();
  links = new NodeLinks({
    self: identityFromSeed(1).key,
    carriers: [carrier],
    clock: new SimClock(),
    random: () => 0,
    signer: signerOf(new Map()),
    serve: () => Promise.resolve({ kind: 'not-sent', detail: 'none' }),
    log: silentLog,
    callTimeoutMs: 1000,
    limits,
  });
  await links.open();
}

function placeAt(number: number, ...addresses: string[]): NodePlace {
  return { node: identityFromSeed(number).key, addresses };
}

describe('records that name', () => {
  it('one host in many spellings, and many of its ports, make a node dial it no oftener', async () => {
    const loopback = ['tcp://127.0.0.1:1', 'tcp://127.1:2', 'tcp://0x7f000001:3', 'tcp://0177.0.0.1:4'];
    const named = [
      'tcp://Node.example:1',
      'tcp://node.example.:2',
      'tcp://node.EXAMPLE:3/a',
      'tcp://node.example:4',
    ];
    await links.reach(placeAt(2, ...loopback, ...named));
    expect(carrier.dialled).toEqual([...loopback.slice(0, 3), ...named.slice(0, 3)]);
    expect(links.refusals.all()).toEqual({ 'too-many-dials': 2 });
  });

  it('nodes that nobody can dial are forgotten when there are more of them than a node remembers', async () => {
    for (let number = 2; number <= 6; number += 1) await links.reach(placeAt(number, `tcp://n${number}:1`));
    expect(links.failing()).toEqual([4, 5, 6].map((number) => identityFromSeed(number).key));
  });
});

describe('strangers from more networks than a node remembers', () => {
  it('are refused, and stop none of its own dials', async () => {
    const dialFrom = (network: number): boolean => {
      const release = carrier.gate?.admit(`2001:db8:0:${network.toString(16)}::1`) ?? null;
      release?.();
      return release !== null;
    };
    const admitted = Array.from({ length: NETWORKS + 1 }, (_, network) => dialFrom(network));
    expect([admitted.filter((is) => is).length, admitted.at(-1)]).toEqual([NETWORKS, false]);
    await links.reach(placeAt(2, 'tcp://node.example:1'));
    expect(carrier.dialled).toEqual(['tcp://node.example:1']);
  });
});
