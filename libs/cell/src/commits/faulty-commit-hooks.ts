import { type AgentPubKey, HeadMovedError } from '@musubi/messaging';
import { type FaultBounds, type FaultPlan } from '@musubi/network';
import { type CommitPoint, type CommitStep, type CommitHooks, type Committing } from './commit-hooks.js';

/** What can go wrong with one commit. */
export type CommitFault =
  /** The database fails at COMMIT: nothing is kept. */
  | { readonly kind: 'commit-fails' }
  /** Another write took the place on the chain: nothing is kept. */
  | { readonly kind: 'head-moved' }
  /** The connection breaks after COMMIT: everything is kept, and the caller hears that the database is away. */
  | { readonly kind: 'answer-lost' }
  /** The process dies before COMMIT: nothing is kept, and nobody is told. */
  | { readonly kind: 'crash-before' }
  /** The process dies after COMMIT: everything is kept, and nobody is told. */
  | { readonly kind: 'crash-after' };

/** Which commits a fault strikes. */
export interface CommitFaultRule extends FaultBounds {
  readonly fault: CommitFault;
  /** Only commits of this step. */
  readonly step?: CommitStep | undefined;
  /** Only commits of this agent's. */
  readonly agent?: AgentPubKey | undefined;
}

/** The database failed at COMMIT because a fault plan said so. */
export class CommitFailedError extends Error {
  override readonly name = 'CommitFailedError';
}

function fits({ step, agent }: CommitFaultRule, point: CommitPoint): boolean {
  return (step === undefined || step === point.step) && (agent === undefined || agent === point.agent);
}

/** Commits with faults. */
export class FaultyCommitHooks implements CommitHooks {
  constructor(
    private readonly plan: FaultPlan<CommitFaultRule>,
    /** Ends the process, or whatever stands for it: what it returns never settles. */
    private readonly crash: () => Promise<never>,
  ) {}

  async run<Result>(point: CommitPoint, transaction: Committing<Result>): Promise<Result> {
    const struck = this.plan.strike((rule) => fits(rule, point));
    switch (struck?.fault.kind) {
      case undefined:
        return transaction();
      case 'commit-fails':
        return transaction(() => Promise.reject(new CommitFailedError('a fault was asked for')));
      case 'head-moved':
        return transaction(() => Promise.reject(new HeadMovedError('a fault was asked for')));
      case 'answer-lost':
        await transaction();
        throw new Error('Connection terminated unexpectedly');
      case 'crash-before':
        await rolledBack(transaction);
        return this.crash();
      case 'crash-after':
        await transaction();
        return this.crash();
    }
  }
}

/** What the database does with a transaction whose process has died. */
async function rolledBack(transaction: Committing<unknown>): Promise<void> {
  const death = new CommitFailedError('the process died');
  await transaction(() => Promise.reject(death)).catch((error: unknown) => {
    if (error !== death) throw error;
  });
}
