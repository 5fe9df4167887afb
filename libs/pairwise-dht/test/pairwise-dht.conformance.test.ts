import { describeMessagingStrategy } from '@musubi/messaging/conformance';
import { pairwiseDhtHarness } from './support/pairwise-dht-harness.js';

describeMessagingStrategy('pairwise-dht', pairwiseDhtHarness);
