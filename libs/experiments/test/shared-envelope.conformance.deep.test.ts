import { describeMessagingStrategy } from '@musubi/conformance';
import { sourceChainExperiment } from '@musubi/experiments';
import { sourceChainSubject } from '../../source-chain/test/support/source-chain-harness.js';

const subject = sourceChainSubject((node) => sourceChainExperiment(node, { envelope: 'shared' }).strategy);

describeMessagingStrategy('source-chain with shared envelopes', subject, ['relaxed']);
