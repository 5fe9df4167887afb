import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', '..', 'apps/api/src/main.ts');

/** One node of a local network, and an agent on it. */
interface LocalNode {
  readonly api: string;
  readonly agent: string;
  readonly token: string;
  readonly card: string;
}

interface RunningNode extends LocalNode {
  /** What other nodes dial. */
  readonly address: string;
  /** @returns the exit code */
  end(): Promise<number | null>;
}

/** A node ended before it served. */
export class NodeEndedError extends Error {
  override readonly name = 'NodeEndedError';
}

/** Nodes on this machine, each a process with a database of its own in a folder that goes with them. */
export class LocalNetwork {
  private readonly running: RunningNode[] = [];
  private readonly ending: (() => Promise<number | null>)[] = [];

  private constructor(private readonly folder: string) {}

  /**
   * @param firstPort the others have the next ones; 0 for free ones
   * @throws NodeEndedError, with nothing left behind
   */
  static async start(nodes: number, firstPort: number): Promise<LocalNetwork> {
    const network = new LocalNetwork(await mkdtemp(join(tmpdir(), 'musubi-network-')));
    try {
      const portOf = (index: number): number => (firstPort === 0 ? 0 : firstPort + index);
      const first = await network.add(0, portOf(0), {});
      const bootstrap = { BOOTSTRAP: first.address };
      const others = Array.from({ length: nodes - 1 }, (_, index) => index + 1);
      await Promise.all(others.map((index) => network.add(index, portOf(index), bootstrap)));
      return network;
    } catch (error) {
      await network.end();
      throw error;
    }
  }

  /** In the order of their ports. */
  get nodes(): readonly LocalNode[] {
    return this.running;
  }

  /** Ends every node, and removes its data. @returns whether all ended well */
  async end(): Promise<boolean> {
    const codes = await Promise.all(this.ending.map((end) => end()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
    return codes.every((code) => code === 0);
  }

  private async add(
    index: number,
    port: number,
    environment: Readonly<Record<string, string>>,
  ): Promise<RunningNode> {
    const child = spawn(process.execPath, [...process.execArgv, MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_OPTIONS: '',
        PORT: String(port),
        DATA_DIR: join(this.folder, `node-${index + 1}`),
        NODE_LISTEN: '127.0.0.1:0',
        LOG_LEVEL: 'warn',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own: Ctrl-C in the terminal is for this process alone, which ends the others.
      detached: true,
    });
    const ended = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
    const end = (): Promise<number | null> => {
      child.kill('SIGTERM');
      return ended;
    };
    this.ending.push(end);
    const served = new Promise<string>((resolve) => {
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        const url = /Musubi answers at (http:\S+)/.exec(printed)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    const failed = ended.then(() => Promise.reject(new NodeEndedError(`Node ${index + 1} did not start.`)));
    failed.catch(() => undefined);
    const url = await Promise.race([served, failed]);
    const node = { ...(await introduce(`${url}/v1`, index)), end };
    this.running[index] = node;
    return node;
  }
}

/** Makes an agent, and asks for its card. */
async function introduce(api: string, index: number): Promise<LocalNode & { readonly address: string }> {
  const body = JSON.stringify({ nickname: `agent-${index + 1}` });
  const headers = { 'content-type': 'application/json' };
  const made = await fetch(`${api}/agents`, { method: 'POST', headers, body });
  const { agent, token } = (await made.json()) as { readonly agent: string; readonly token: string };
  const authorization = `Bearer ${token}`;
  const card = await fetch(`${api}/agents/${agent}/card`, { headers: { authorization } });
  const about = await fetch(`${api}/node`, { headers: { authorization } });
  const { addresses } = (await about.json()) as { readonly addresses: readonly string[] };
  return { api, agent, token, card: (await card.text()).trim(), address: addresses[0] ?? '' };
}
