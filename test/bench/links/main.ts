import { useFastestPrimitives } from '@musubi/crypto';
import { script } from '../../support/script.js';
import { measureLinks } from './measure.js';

const PAYLOAD_BYTES = 1024;
const PLANS = [
  { calls: 5000, inFlight: 1, payloadBytes: PAYLOAD_BYTES },
  { calls: 40_000, inFlight: 32, payloadBytes: PAYLOAD_BYTES },
  { calls: 10_000, inFlight: 32, payloadBytes: PAYLOAD_BYTES, roundTripMs: 50 },
] as const;

const { json } = script('bench:links', 'Measures calls over links between nodes.')
  .option('--json', 'prints the figures as JSON', false)
  .parse()
  .opts<{ readonly json: boolean }>();
await useFastestPrimitives();
const figures = await measureLinks(PLANS);
if (json) console.log(JSON.stringify(figures, null, 2));
else
  for (const figure of figures) {
    const { calleeMicros, callerMicros, callsPerSecond, inFlight, medianMs, p99Ms, roundTripMs = 0 } = figure;
    console.log(
      `${inFlight} in flight over a way of ${roundTripMs} ms to and fro: ${callsPerSecond.toFixed(0)} calls of ${PAYLOAD_BYTES} bytes a second, ` +
        `${callerMicros.toFixed(0)} µs of CPU a call at the caller, ${calleeMicros.toFixed(0)} µs at the callee; ` +
        `a reply after ${medianMs.toFixed(2)} ms in the median, ${p99Ms.toFixed(2)} ms at the 99th percentile`,
    );
  }
