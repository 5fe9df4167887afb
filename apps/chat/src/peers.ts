import { type Agent, type MusubiClient, ProblemError } from '@musubi/client';

const KEY = /^[\w-]{43}$/;
const SHORT = 8;

/** Several agents have this name, or none has. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** The agents by their keys, with the nicknames of this node's directory. */
export class Peers {
  private readonly nicknames = new Map<string, string>();
  private readonly petnames = new Map<string, string>();

  /** @param signal ends what is under way: the client tries again without end */
  constructor(
    private readonly client: MusubiClient,
    private readonly signal: AbortSignal,
  ) {}

  /** The user's own names go before those in the directory. */
  learn(named: readonly { readonly agent: string; readonly petname: string | null }[]): void {
    for (const { agent, petname } of named) if (petname !== null) this.petnames.set(agent, petname);
  }

  /** Who is there besides the user, a line each. */
  async others(search: string, user: string): Promise<readonly string[]> {
    const others = (await this.list(search)).filter(({ agent }) => agent !== user);
    return others.map(({ nickname, online }) => `${nickname}${online ? '' : ' (offline)'}`);
  }

  /** The directory's first page. */
  private async list(search: string): Promise<readonly Agent[]> {
    const { items } = await this.client.agents({ search, limit: 50 }, { signal: this.signal });
    for (const { agent, nickname } of items) this.nicknames.set(agent, nickname);
    return items;
  }

  /** @throws PeerError */
  async find(name: string): Promise<string> {
    if (KEY.test(name)) return name;
    const own = [...this.petnames].filter(([, petname]) => petname === name).map(([agent]) => agent);
    const found = own.length > 0 ? own : await this.nicknamed(name);
    const [first, ...others] = found;
    if (first === undefined) throw new PeerError(`Nobody here is called ${name}. /who lists who is there.`);
    if (others.length === 0) return first;
    const keys = found.join('\n  ');
    throw new PeerError(`Several are called ${name}: give the key of the one you mean.\n  ${keys}`);
  }

  private async nicknamed(name: string): Promise<readonly string[]> {
    return (await this.list(name)).filter(({ nickname }) => nickname === name).map(({ agent }) => agent);
  }

  /** An agent of another node has no nickname here. */
  async nickname(agent: string): Promise<string> {
    const known = this.petnames.get(agent) ?? this.nicknames.get(agent);
    if (known !== undefined) return known;
    const nickname = await this.client.agent(agent, { signal: this.signal }).then(
      (found) => found.nickname,
      (error: unknown) => {
        if (error instanceof ProblemError) return agent.slice(0, SHORT);
        throw error;
      },
    );
    this.nicknames.set(agent, nickname);
    return nickname;
  }
}
