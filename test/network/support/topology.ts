import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The network that nodes use, and that tests cut. */
const PUBLIC = '10.79.0';
/** The one by which tests ask each node. */
const CONTROL = '10.80.0';
const PRIVATE = '192.168.50';

const ip = (...words: string[]): Promise<unknown> => run('ip', words);

/** A machine: a network namespace with a public and a control interface. */
export class Host {
  constructor(
    readonly name: string,
    /** Where other nodes reach it; of a machine behind a router, where nobody does. */
    readonly address: string,
    /** Where the test reaches it. */
    readonly control: string,
  ) {}

  /** Words that execute a program on this machine. */
  get through(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** As if the cable were out: the machine has no way to any other. */
  async unplug(): Promise<void> {
    await ip('-n', this.name, 'link', 'set', 'public', 'down');
  }

  async plugIn(): Promise<void> {
    await ip('-n', this.name, 'link', 'set', 'public', 'up');
  }

  /** Nothing that the other sends arrives here. What this machine sends still arrives there. */
  drop({ address }: Host): Promise<void> {
    return this.rule(`ip saddr ${address} drop`);
  }

  /** That share of all packets does not arrive here. */
  lose(percent: number): Promise<void> {
    return this.rule(`numgen random mod 100 < ${percent} drop`);
  }

  /** That share of all TCP segments is answered with a reset. */
  reset(percent: number): Promise<void> {
    return this.rule(`meta l4proto tcp numgen random mod 100 < ${percent} reject with tcp reset`);
  }

  /** Everything arrives again. */
  async heal(): Promise<void> {
    await this.nft('flush ruleset');
  }

  private async rule(rule: string): Promise<void> {
    await this.nft('add table inet faults');
    await this.nft('add chain inet faults in { type filter hook input priority 0 ; }');
    await this.nft(`add rule inet faults in iifname "public" ${rule}`);
  }

  private async nft(command: string): Promise<void> {
    await run('ip', ['netns', 'exec', this.name, 'nft', command]);
  }
}

/** Machines on one public network, in the network namespace of the tests. */
export class Topology {
  private hosts = 0;

  static async open(): Promise<Topology> {
    for (const bridge of ['public', 'control']) {
      await ip('link', 'add', bridge, 'type', 'bridge');
      await ip('link', 'set', bridge, 'up');
    }
    await ip('address', 'add', `${CONTROL}.254/24`, 'dev', 'control');
    return new Topology();
  }

  /** A machine with a public address. */
  async host(): Promise<Host> {
    const [host, number] = await this.bare();
    await this.join(host.name, 'public', 'public', `${PUBLIC}.${number}/24`);
    return new Host(host.name, `${PUBLIC}.${number}`, host.control);
  }

  /** A machine that reaches the public network through a router, which lets nobody in. */
  async hostBehindRouter(): Promise<Host> {
    const [host, number] = await this.bare();
    const router = `router-${number}`;
    await ip('netns', 'add', router);
    await this.join(router, 'public', 'public', `${PUBLIC}.${100 + number}/24`);
    await ip(
      'link',
      'add',
      'inside',
      'netns',
      router,
      'type',
      'veth',
      'peer',
      'name',
      'public',
      'netns',
      host.name,
    );
    await ip('-n', router, 'address', 'add', `${PRIVATE}.1/24`, 'dev', 'inside');
    await ip('-n', router, 'link', 'set', 'inside', 'up');
    await ip('-n', host.name, 'address', 'add', `${PRIVATE}.2/24`, 'dev', 'public');
    await ip('-n', host.name, 'link', 'set', 'public', 'up');
    await ip('-n', host.name, 'route', 'add', 'default', 'via', `${PRIVATE}.1`);
    const routes = (...words: string[]): Promise<unknown> => run('ip', ['netns', 'exec', router, ...words]);
    await routes('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    await routes('nft', 'add table ip router');
    await routes('nft', 'add chain ip router out { type nat hook postrouting priority 100 ; }');
    await routes('nft', 'add rule ip router out oifname "public" masquerade');
    return new Host(host.name, `${PRIVATE}.2`, host.control);
  }

  private async bare(): Promise<readonly [host: Pick<Host, 'name' | 'control'>, number: number]> {
    this.hosts += 1;
    const [name, control] = [`host-${this.hosts}`, `${CONTROL}.${this.hosts}`];
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await this.join(name, 'control', 'control', `${control}/24`);
    return [{ name, control }, this.hosts];
  }

  /** Joins a namespace to a bridge by an interface of that name. */
  private async join(namespace: string, bridge: string, name: string, address: string): Promise<void> {
    const port = `${bridge.slice(0, 3)}-${namespace}`;
    await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', namespace);
    await ip('link', 'set', port, 'master', bridge);
    await ip('link', 'set', port, 'up');
    await ip('-n', namespace, 'address', 'add', address, 'dev', name);
    await ip('-n', namespace, 'link', 'set', name, 'up');
  }
}
