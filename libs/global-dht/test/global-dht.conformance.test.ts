import { describeMessagingStrategy } from '@musubi/conformance';
import { globalDhtSubject } from './support/global-dht-harness.js';

describeMessagingStrategy('global-dht', globalDhtSubject());
