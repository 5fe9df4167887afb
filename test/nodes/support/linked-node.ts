import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Agent, Client } from '../../../apps/api/test/support/client.js';
import { type ServiceProcess, startServiceProcess } from '../../../apps/api/test/support/service-process.js';
import { freePort } from '../../support/free-port.js';

const nodeSchema = z.object({
  key: z.string().nullable(),
  addresses: z.array(z.string()),
  peers: z.object({ linked: z.number(), failing: z.number(), known: z.number() }),
});
type NodeJson = z.infer<typeof nodeSchema>;

/** A node as `npm start` runs it: a process, and a database of its own, linked to others over loopback. */
export class LinkedNode {
  private constructor(
    private readonly dataDir: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly through: readonly string[],
    private service: ServiceProcess,
  ) {}

  /** @param through words that execute a program elsewhere, such as in a network namespace */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    through: readonly string[] = [],
  ): Promise<LinkedNode> {
    const dataDir = await mkdtemp(join(tmpdir(), 'musubi-node-'));
    const all = {
      PORT: '0',
      DATA_DIR: dataDir,
      // Nobody else gets it while the node is away.
      NODE_LISTEN: `127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'warn',
      RATE_LIMIT_PER_SECOND: '10000',
      ...environment,
    };
    return new LinkedNode(dataDir, all, through, await startServiceProcess(all, through));
  }

  get client(): Client {
    return new Client(this.service.url);
  }

  get url(): string {
    return this.service.url;
  }

  output(): string {
    return this.service.output();
  }

  /** Its exit code, or `null` when a signal killed it, once it has ended. */
  get ended(): Promise<number | null> {
    return this.service.ended;
  }

  /** Stops the process, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    process.kill(this.service.pid, signal);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    return this.service.end(signal);
  }

  /** On the same database, and at the same address, wherever it listened before. */
  async startAgain(listenAt: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
    const environment = { ...this.environment, ...more, NODE_LISTEN: listenAt };
    this.service = await startServiceProcess(environment, this.through);
  }

  async close(): Promise<void> {
    await this.service.end('SIGTERM');
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Replaces the faults that a node with LAB=1 suffers. */
  async suffer(faults: object): Promise<void> {
    const answer = await this.client.request('/v1/lab/faults', { method: 'PUT', body: faults });
    if (answer.status !== 204) throw new Error(`no faults: ${answer.status} ${await answer.text()}`);
  }

  async about({ token }: Agent): Promise<NodeJson> {
    const answer = await this.client.request('/v1/node', { token });
    return nodeSchema.parse(await answer.json());
  }

  async cardOf({ agent, token }: Agent): Promise<string> {
    const answer = await this.client.request(`/v1/agents/${agent}/card`, { token });
    if (answer.status !== 200) throw new Error(`no card: ${answer.status} ${await answer.text()}`);
    return (await answer.text()).trim();
  }

  /** The holder takes the card. @returns the status, and the problem's code where there is one */
  async take(holder: Agent, agent: string, card: string): Promise<readonly [status: number, code: string]> {
    const options = { token: holder.token, method: 'PUT', body: { card } };
    const answer = await this.client.request(`/v1/contacts/${agent}`, options);
    return [answer.status, codeOf(await answer.json())];
  }
}

function codeOf(body: unknown): string {
  const parsed = z.object({ type: z.string() }).safeParse(body);
  return parsed.success ? parsed.data.type.replace('urn:musubi:problem:', '') : '';
}
