import { describe, expect, it } from '@jest/globals';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, parseAgentPubKey } from '@musubi/messaging';
import { AgentLifecycle } from '../src/node/agent-lifecycle.js';
import { type ServiceNode } from '../src/node/service-node.js';

const ROBOT = parseAgentPubKey(`${'A'.repeat(42)}E`);

/** What a node does when it wakes an unattended agent. */
class WakingNode {
  readonly unlocked = new Set<AgentPubKey>();
  readonly activated: AgentPubKey[] = [];
  private isDeleted = false;

  /** @param isDeletedMeanwhile another process deletes the agent while its key is read */
  constructor(private readonly isDeletedMeanwhile: boolean) {}

  get life(): AgentLifecycle {
    const { activated, unlocked } = this;
    const parts = {
      fences: { find: () => (this.isDeleted ? { isMoved: true, seq: 0, isDeleted: true } : undefined) },
      keyring: {
        isOnline: (agent: AgentPubKey) => unlocked.has(agent),
        admit: ({ agent }: AgentKeys) => void unlocked.add(agent),
        lock: (agent: AgentPubKey) => void unlocked.delete(agent),
        unlockIfUnattended: (agent: AgentPubKey) => {
          this.isDeleted = this.isDeletedMeanwhile;
          unlocked.add(agent);
          return Promise.resolve(true);
        },
      },
      lifecycle: { activate: (agent: AgentPubKey) => Promise.resolve(void activated.push(agent)) },
    };
    return new AgentLifecycle(parts as unknown as ServiceNode);
  }
}

describe('an unattended agent', () => {
  it('is woken once, however many ask', async () => {
    const node = new WakingNode(false);
    const { life } = node;

    expect(await Promise.all([life.ensureOnline(ROBOT), life.ensureOnline(ROBOT)])).toEqual([true, true]);

    expect([[...node.unlocked], node.activated]).toEqual([[ROBOT], [ROBOT]]);
  });

  it('stays locked when it is deleted while its key is read', async () => {
    const node = new WakingNode(true);

    expect(await node.life.ensureOnline(ROBOT)).toBe(false);

    expect([[...node.unlocked], node.activated]).toEqual([[], []]);
  });
});
