import { describeMessagingStrategy } from '@musubi/messaging/conformance';
import { globalDhtHarness } from './support/global-dht-harness.js';

describeMessagingStrategy('global-dht, agent-key links', globalDhtHarness('agent-key'), ['relaxed']);
