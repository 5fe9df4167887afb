import { describeMessagingStrategy } from '@musubi/conformance';
import { pairwiseDhtSubject } from './support/pairwise-dht-harness.js';

describeMessagingStrategy('pairwise-dht', pairwiseDhtSubject());
