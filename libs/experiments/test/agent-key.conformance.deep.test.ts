import { describeMessagingStrategy } from '@musubi/conformance';
import { agentKeyAddressing } from '@musubi/experiments';
import { globalDhtSubject } from '../../global-dht/test/support/global-dht-harness.js';

describeMessagingStrategy('global-dht, agent-key links', globalDhtSubject(agentKeyAddressing), ['relaxed']);
