import { describeMessagingStrategy } from '../src/conformance/index.js';
import { inMemoryHarness } from './support/in-memory-harness.js';

describeMessagingStrategy('in-memory', inMemoryHarness());
