import { describeMessagingStrategy } from '@musubi/conformance';
import { sourceChainSubject } from './support/source-chain-harness.js';

describeMessagingStrategy('source-chain', sourceChainSubject());
