import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type ServiceNode } from './service-node.js';
import { NODE } from './tokens.js';

const nodeViewSchema = z.object({
  key: z.string().nullable().describe('Ed25519 public key of the node, base64url; `null` when it is alone.'),
  addresses: z.array(z.string()).describe('Where other nodes dial it.'),
  peers: z
    .object({
      linked: z.number().int().describe('Nodes with which there is a link now.'),
      failing: z.number().int().describe('Nodes that did not answer the last time.'),
      known: z
        .number()
        .int()
        .describe('Other nodes whose records are known, and with which there is no link now.'),
    })
    .describe('Numbers only: where a node is a person, its peers are a list of contacts.'),
});

const ALONE: z.infer<typeof nodeViewSchema> = {
  key: null,
  addresses: [],
  peers: { linked: 0, failing: 0, known: 0 },
};

@ApiTags('node')
@ApiBearerAuth()
@Controller('v1/node')
export class NodeController {
  constructor(@Inject(NODE) private readonly node: Pick<ServiceNode, 'network'>) {}

  /** This node, as other nodes know it. */
  @Get()
  @ApiOkResponse({ standardSchema: nodeViewSchema })
  async find(): Promise<z.infer<typeof nodeViewSchema>> {
    const status = await this.node.network.links?.status();
    return status === undefined ? ALONE : { ...status, addresses: [...status.addresses] };
  }
}
