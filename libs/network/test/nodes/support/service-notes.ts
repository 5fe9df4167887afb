import { type AgentPubKey } from '@musubi/messaging';
import { type Introduced, LinkRefusedError, type PeerService, type Question } from '@musubi/network/nodes';

export const STATEMENT = Uint8Array.of(7, 7);
export const FORGED = Uint8Array.of(6, 6, 6);

/** Notes what the links ask of it. */
export class ServiceNotes implements PeerService {
  readonly introduced: Introduced[] = [];
  readonly kept: AgentPubKey[] = [];
  readonly asked: Question[] = [];
  readonly linked: string[] = [];
  readonly absent: (readonly [peer: string, callee: AgentPubKey])[] = [];
  readonly away = new Set<AgentPubKey>();
  judged = 0;
  statement: Uint8Array | null = STATEMENT;
  isBroken = false;
  answer: PeerService['answer'] = (question) => {
    this.asked.push(question);
    return Promise.resolve({ kind: 'ok', reply: question.payload });
  };

  statementOf(): Promise<Uint8Array | null> {
    return this.isBroken ? Promise.reject(new Error('no database')) : Promise.resolve(this.statement);
  }

  introduce(introduced: Introduced): ReturnType<PeerService['introduce']> {
    if (introduced.statement !== null && Buffer.from(introduced.statement).equals(FORGED))
      throw new LinkRefusedError('bad-record');
    this.introduced.push(introduced);
    return {
      isAtHome: () => {
        this.judged += 1;
        if (this.isBroken) return Promise.reject(new Error('no database'));
        return Promise.resolve(!this.away.has(introduced.agent));
      },
      keep: () => {
        this.kept.push(introduced.agent);
        return this.isBroken ? Promise.reject(new Error('no database')) : Promise.resolve();
      },
    };
  }

  onLinked(peer: string): void {
    this.linked.push(`+${peer}`);
  }

  onUnlinked(peer: string): void {
    this.linked.push(`-${peer}`);
  }

  onAbsent(peer: string, callee: AgentPubKey): void {
    this.absent.push([peer, callee]);
  }

  onUnreachable(peer: string): void {
    this.linked.push(`?${peer}`);
  }
}
