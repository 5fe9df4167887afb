import { fromBase64Url } from '@musubi/crypto';
import { type HeldRow, type Observer } from '@musubi/observers';
import { contentOf } from '../../simulation/sent-files.js';
import { type Simulation } from '../../simulation/simulation.js';
import { type Workload, sendsOf } from '../../workloads/workload.js';

/**
 * A control: a placement made to leak. Both agents store each file that was sent in one row, as it is: neither sealed nor
 * padded. Who reads that knows what every file says and its size to the byte, so a measurement that shows less sees too little.
 */
export class Unpadded implements Observer {
  readonly name = 'unpadded';

  constructor(
    private readonly simulation: Pick<Simulation, 'node' | 'sent'>,
    private readonly workload: Workload,
  ) {}

  *rows(): Generator<HeldRow> {
    const { node, sent } = this.simulation;
    for (const [place, { file, from, to }] of sendsOf(this.workload).slice(0, sent.length).entries()) {
      if (file === undefined) continue;
      const content = contentOf(file);
      for (const [nth, agent] of [from, to].entries()) {
        const values = { holder: fromBase64Url(node.agent(agent)), content };
        yield { table: 'unpadded', values, at: 2 * place + nth };
      }
    }
  }
}
