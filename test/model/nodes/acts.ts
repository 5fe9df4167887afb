import { type SimCut } from '@musubi/network/nodes';
import { type Act } from '../acts/act.js';
import { type Model } from '../model.js';
import { type LinkedHome } from './linked-home.js';
import { type LinkedNodes, type Storm } from './linked-nodes.js';

/** Something that happens to nodes and links after a while, in the middle of whatever is under way. */
abstract class Trouble implements Act {
  constructor(private readonly afterMs: number) {}

  async perform(model: Model, system: LinkedNodes): Promise<void> {
    model.hasLinkTrouble = true;
    if (this.afterMs > 0) await system.pause(this.afterMs);
    await this.strike(system, model);
  }

  protected abstract strike(system: LinkedNodes, model: Model): Promise<void> | void;

  abstract toString(): string;
}

/** Any number names a node. */
function homeAt({ homes }: LinkedNodes, index: number): LinkedHome {
  const home = homes[index % homes.length];
  if (home === undefined) throw new Error('there are no nodes');
  return home;
}

/** Connections that begin from now on end after some bytes. */
export class Brew extends Trouble {
  constructor(private readonly storm: Storm) {
    super(0);
  }

  protected strike(system: LinkedNodes): void {
    system.storm = this.storm;
  }

  toString(): string {
    return `storm(${JSON.stringify(this.storm)})`;
  }
}

/** Two nodes, by any numbers. */
export type Ends = readonly [number, number];

/** The connections of two nodes end now. */
export class Cut extends Trouble {
  constructor(
    private readonly ends: Ends,
    private readonly how: SimCut['how'],
    private readonly ms: number,
  ) {
    super(ms);
  }

  protected strike(system: LinkedNodes): void {
    const [from, to] = this.ends;
    system.network.cut(homeAt(system, from).name, homeAt(system, to).name, this.how);
  }

  toString(): string {
    return `cut(${this.ends.join(' – ')}, ${this.how}, after ${this.ms} ms)`;
  }
}

/** Nothing passes between two nodes any more, or they can be reached from one side only. */
export class Part extends Trouble {
  constructor(
    private readonly ends: Ends,
    private readonly isOneWay: boolean,
    private readonly ms: number,
  ) {
    super(ms);
  }

  protected strike(system: LinkedNodes): void {
    const [from, to] = this.ends.map((index) => homeAt(system, index).name);
    if (from === undefined || to === undefined || from === to) return;
    system.network.cut(from, to, 'half-open');
    system.network.sever({ from, to });
    if (!this.isOneWay) system.network.sever({ from: to, to: from });
  }

  toString(): string {
    return `part(${this.ends.join(this.isOneWay ? ' → ' : ' – ')}, after ${this.ms} ms)`;
  }
}

/** The network is whole again. */
export class Mend extends Trouble {
  constructor() {
    super(0);
  }

  protected strike({ homes, network }: LinkedNodes): void {
    for (const { name: from } of homes) for (const { name: to } of homes) network.mend({ from, to });
  }

  toString(): string {
    return 'mend';
  }
}

/** A node stands still, as one that got SIGSTOP: its connections stay, and nothing moves. */
export class Freeze extends Trouble {
  constructor(
    private readonly index: number,
    private readonly ms: number,
  ) {
    super(ms);
  }

  protected strike(system: LinkedNodes): void {
    system.network.freeze(homeAt(system, this.index).name);
  }

  toString(): string {
    return `freeze(${this.index}, after ${this.ms} ms)`;
  }
}

export class Thaw extends Trouble {
  constructor(
    private readonly index: number,
    private readonly ms: number,
  ) {
    super(ms);
  }

  protected strike(system: LinkedNodes): void {
    system.network.thaw(homeAt(system, this.index).name);
  }

  toString(): string {
    return `thaw(${this.index}, after ${this.ms} ms)`;
  }
}

/** A process is killed, or its machine goes dark. Nobody starts it for now. */
export class Kill extends Trouble {
  constructor(
    private readonly index: number,
    private readonly how: SimCut['how'],
    private readonly ms: number,
  ) {
    super(ms);
  }

  protected strike(system: LinkedNodes, model: Model): void {
    const home = homeAt(system, this.index);
    home.isDown = true;
    home.kill(this.how);
    for (const agent of system.agentsOf(home)) model.online.delete(agent);
  }

  toString(): string {
    return `kill(${this.index}, ${this.how}, after ${this.ms} ms)`;
  }
}

/** A process ends as when it is asked to. */
export class Stop extends Trouble {
  constructor(private readonly index: number) {
    super(0);
  }

  protected async strike(system: LinkedNodes, model: Model): Promise<void> {
    const home = homeAt(system, this.index);
    await system.stop(home);
    for (const agent of system.agentsOf(home)) model.online.delete(agent);
  }

  toString(): string {
    return `stop(${this.index})`;
  }
}

/** The next process on the node's database. Its agents sign in when they like. */
export class Start extends Trouble {
  constructor(private readonly index: number) {
    super(0);
  }

  protected async strike(system: LinkedNodes): Promise<void> {
    const home = homeAt(system, this.index);
    if (home.isDown) await home.start();
  }

  toString(): string {
    return `start(${this.index})`;
  }
}
