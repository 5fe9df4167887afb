import { describeMessagingStrategy } from '@musubi/conformance';
import { inMemorySubject } from './support/in-memory-harness.js';

describeMessagingStrategy('in-memory', inMemorySubject());
