import { describeMessagingStrategy } from '@musubi/messaging/conformance';
import { sourceChainHarness } from './support/source-chain-harness.js';

describeMessagingStrategy(
  'source-chain with shared envelopes',
  (subject) => sourceChainHarness(subject, { envelope: 'shared' }),
  ['relaxed'],
);
