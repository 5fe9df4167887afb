import { FIVE_ATTEMPTS, type Patience, USUAL_PATIENCE } from '@musubi/delivery';
import fc from 'fast-check';
import { MOST_AGENTS, act } from './arbitraries.js';
import { ChainJudge } from './chain-invariants.js';
import { bringToRest } from './epilogue.js';
import { Model } from './model.js';
import { type Planted, LoneNode } from './lone-node.js';
import { type Premises } from './premises.js';
import { Step, type Trial } from './step.js';

/** Half as many on average. */
const MOST_STEPS = 24;

/** So little that the longest waits end it within a run. */
const A_MINUTE: Patience = { kind: 'time', us: 60_000_000 };

interface Play {
  readonly agents: number;
  readonly seed: number;
  readonly patience: Patience;
  readonly steps: Iterable<fc.AsyncCommand<Model, Trial>>;
}

const play: fc.Arbitrary<Play> = fc.record({
  agents: fc.integer({ min: 2, max: MOST_AGENTS }),
  seed: fc.nat(),
  patience: fc.constantFrom(USUAL_PATIENCE, A_MINUTE, FIVE_ATTEMPTS),
  // How far it was shrunk cannot be had again by a path alone: a replay begins with the whole run, and shrinks anew.
  steps: fc.commands([act.map((each) => new Step(each))], {
    maxCommands: MOST_STEPS,
    size: 'max',
    disableReplayLog: true,
  }),
});

/** Whatever is done in whatever order under whatever faults, nothing is lost, doubled, forged or untrue. */
export function actOfSending(premises: Premises, planted?: Planted): fc.IAsyncProperty<[Play]> {
  return fc.asyncProperty(play, async ({ agents, seed, patience, steps }) => {
    const circumstances = { agents, seed, patience };
    const system = await LoneNode.open(premises, { ...circumstances, ...(planted && { planted }) });
    const trial = { system, chains: new ChainJudge() };
    const model = new Model([...system.keys.keys()], patience);
    try {
      await fc.asyncModelRun(() => ({ model, real: trial }), steps);
      await bringToRest(model, trial);
    } finally {
      await system.close();
    }
  });
}
