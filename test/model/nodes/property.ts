import { USUAL_PATIENCE } from '@musubi/delivery';
import { type SimWeather } from '@musubi/network/nodes';
import fc from 'fast-check';
import { MOST_AGENTS } from '../arbitraries.js';
import { ChainJudge } from '../chain-invariants.js';
import { bringToRest } from '../epilogue.js';
import { Model } from '../model.js';
import { type Premises } from '../premises.js';
import { Step, type Trial } from '../step.js';
import { MOST_NODES, nodesAct, weather } from './arbitraries.js';
import { type PlantedInNodes } from './linked-home.js';
import { LinkedNodes } from './linked-nodes.js';

/** Half as many on average. */
const MOST_STEPS = 24;

interface Play {
  readonly nodes: number;
  readonly agents: number;
  readonly seed: number;
  readonly weather: Partial<SimWeather>;
  readonly steps: Iterable<fc.AsyncCommand<Model, Trial>>;
}

const play: fc.Arbitrary<Play> = fc.record({
  nodes: fc.integer({ min: 2, max: MOST_NODES }),
  agents: fc.integer({ min: 2, max: MOST_AGENTS }),
  seed: fc.nat(),
  weather,
  steps: fc.commands([nodesAct.map((each) => new Step(each))], {
    maxCommands: MOST_STEPS,
    size: 'max',
    disableReplayLog: true,
  }),
});

/** As `actOfSending`, with agents on several nodes, whatever befalls their links and their processes. */
export function sendingBetweenNodes(
  premises: readonly Premises[],
  planted?: PlantedInNodes,
): fc.IAsyncProperty<[Play]> {
  return fc.asyncProperty(play, async ({ nodes, agents, seed, steps, ...circumstances }) => {
    const own = premises.slice(0, nodes);
    const system = await LinkedNodes.open({
      premises: own,
      agents,
      seed,
      ...circumstances,
      ...(planted && { planted }),
    });
    const trial = { system, chains: new ChainJudge() };
    const model = new Model([...system.keys.keys()], USUAL_PATIENCE);
    try {
      await fc.asyncModelRun(() => ({ model, real: trial }), steps);
      await bringToRest(model, trial);
    } finally {
      await system.close();
    }
  });
}
