import { STRATEGY_NAMES, type Guarantees } from '@musubi/messaging';
import { type PlacementReport, type Report } from '../../src/report/report.js';
import { AGENTS, EDGES, aucOf, costOf, declaredOf, graphOf, observerOf } from './sample-figures.js';
import { FILES } from './sample-files.js';
import { QUIET, loadOf, pagingOf } from './sample-load.js';

/** A report whose figures are made up: they follow simple formulae, and say nothing of the placements. */

const OBSERVERS = ['conversant', 'stranger-with-share', 'crawler', 'operator', 'whole-disk', 'wiretap'];
const FAULTS = [
  'not sent',
  'refused',
  'reply lost',
  'duplicate',
  'save fails',
  'accept fails',
  'confirm fails',
];
const VARIANTS: readonly string[] = [
  'source-chain',
  'source-chain/strict',
  'source-chain/shared',
  'source-chain/post-commit',
  'source-chain/veto',
  'source-chain/countersigned',
  'pairwise-dht',
  'global-dht',
  'global-dht/agent-key',
];
const GUARANTEES: Guarantees = {
  concurrentReceive: true,
  concurrentSave: true,
  offlineDelivery: false,
  unboundedPeers: true,
  bodyStaysWithPair: true,
  hidesPeers: false,
  unlinkableCopies: true,
};

export function sampleReport(): Report {
  return {
    schema: 'musubi/report/2',
    isPartial: false,
    startedAt: '2026-01-02T03:04:05Z',
    seconds: 123.4,
    machine: {
      cores: 2,
      cpu: 'Sample CPU',
      memoryBytes: 8 * 1024 ** 3,
      platform: 'linux x64',
      node: '20.0.0',
      postgres: '17.0',
    },
    disturbance: QUIET.disturbance,
    writtenBytes: 1_234_567_890,
    parameters: {
      seed: 7,
      workload: 'small-world',
      agents: AGENTS,
      messages: 1200,
      concurrency: [1, 2, 8, 32],
      redundancy: 5,
      variants: VARIANTS,
      faults: [{ fault: { kind: 'reply-lost' }, probability: 0.1 }],
      parts: ['observers', 'cost', 'faults', 'load', 'declared'],
      workloadHash: 'ab'.repeat(32),
    },
    truth: { agents: AGENTS, edges: EDGES },
    controls: { uniform: graphOf(0.5), volume: graphOf(0.66), leaky: graphOf(1) },
    placements: VARIANTS.map(placementOf),
  };
}

/** The variant whose messages went missing: nothing else of it is measured. */
export function withoutIntegrity(placement: PlacementReport): PlacementReport {
  const integrity = { ...placement.integrity, lost: 3, witnesses: ['lost: message abc of agent 1 to 2'] };
  const unmeasured = {
    cost: null,
    observers: null,
    load: null,
    faults: null,
    receipts: null,
    declared: null,
  };
  return { ...placement, integrity, ...unmeasured };
}

function placementOf(variant: string, index: number): PlacementReport {
  const strategy = STRATEGY_NAMES.find((name) => variant.startsWith(name)) ?? 'source-chain';
  const isDefault = variant === strategy;
  return {
    variant,
    strategy,
    options: {
      ordering: variant.endsWith('strict') ? 'strict' : 'relaxed',
      choice: variant.split('/')[1] ?? 'default',
    },
    guarantees: GUARANTEES,
    integrity: {
      messages: 1200,
      acknowledged: 1200,
      shown: 1198,
      failed: 0,
      lost: 0,
      doubled: 0,
      phantom: 0,
      orphan: index % 3,
      chainFaults: 0,
      witnesses: [],
    },
    cost: costOf(index),
    observers: OBSERVERS.map((observer, nth) => observerOf(observer, (index + 2 * nth) % 11, strategy)),
    load: loadOf(index),
    faults: FAULTS.map((fault, nth) => ({
      fault,
      messages: 24,
      refused: nth === 4 ? 7 : 0,
      delivered: nth === 4 ? 17 : 24,
      failed: 0,
      lost: variant.endsWith('post-commit') && nth === 2 ? 4 : 0,
      doubled: 0,
      phantom: 0,
      orphan: variant.endsWith('veto') && nth === 5 ? 2 : 0,
    })),
    receipts: isDefault
      ? ['immediate', 'batched', 'delayed', 'off'].map((mode, nth) => ({
          mode,
          messages: 80,
          volumeAuc: 0.7,
          confirmedShare: [1, 0.98, 0.9, 0][nth] ?? 0,
          orphanRate: [0, 0.02, 0.1, 1][nth] ?? 0,
          medianSecondsToDeliver: [1, 30, 150, 1][nth] ?? null,
          medianSecondsToConfirm: [2, 60, 300, null][nth] ?? null,
          observer: 'crawler',
          attack: 'soon-after',
          disk: { attack: 'soon-after', ...aucOf(0.95 - 0.03 * nth) },
          ...aucOf(0.9 - 0.07 * nth - 0.02 * index),
        }))
      : null,
    paging: isDefault ? pagingOf(index) : null,
    declared: declaredOf(GUARANTEES),
    ...(isDefault ? { files: FILES } : {}),
  };
}
