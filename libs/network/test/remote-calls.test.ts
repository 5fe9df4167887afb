import { describeRemoteCalls } from './support/remote-calls-contract.js';
import { agentOf, alice, bob, openWire } from './support/wire.js';

describeRemoteCalls('in one process', () => {
  const { calls, clock } = openWire();
  return Promise.resolve({
    alice,
    bob,
    absent: agentOf(3),
    serve: (fn, answer) => calls.serve(fn, answer),
    call: (call) => calls.call(call),
    callInVain: (call) => {
      const outcome = calls.call(call);
      clock.wakeAll();
      return outcome;
    },
    timers: () => Promise.resolve(clock.sleeping),
  });
});
