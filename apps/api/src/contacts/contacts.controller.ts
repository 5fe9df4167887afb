import { type AgentPubKey } from '@musubi/messaging';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentAgent, CurrentCaller } from '../access/access.js';
import { WorkPlaces } from '../access/work-places.js';
import { agentParamSchema } from '../agents/agents.schemas.js';
import { Refuses } from '../problem/refusals.js';
import { WriteAccess } from '../writers/write-access.js';
import { Contacts } from './contacts.js';
import {
  type ContactPage,
  type ContactPageQuery,
  type ContactView,
  type NewContact,
  contactPageSchema,
  contactQuerySchema,
  contactViewSchema,
  newContactSchema,
} from './contacts.schemas.js';
import { LocalContacts } from './local-contacts.js';

/** The agents of other nodes that this agent can write to, and those of this node that it knows. */
@ApiTags('contacts')
@ApiBearerAuth()
@Controller('v1/contacts')
export class ContactsController {
  constructor(
    private readonly contacts: Contacts,
    private readonly local: LocalContacts,
    private readonly access: WriteAccess,
    private readonly places: WorkPlaces,
  ) {}

  @Get()
  @ApiOkResponse({ standardSchema: contactPageSchema })
  @Refuses('invalid-cursor')
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: contactQuerySchema }) { after, limit }: ContactPageQuery,
  ): Promise<ContactPage> {
    const query = { limit, ...(after === undefined ? {} : { after }) };
    return this.places.inTurn(caller, () => this.contacts.list(caller.agent, query));
  }

  @Get(':agent')
  @ApiOkResponse({ standardSchema: contactViewSchema })
  @Refuses('contact-not-found')
  find(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
  ): Promise<ContactView> {
    return this.contacts.find(holder, agent);
  }

  /**
   * Takes an agent's card: from now on this agent can write to it. An agent of this node needs no card, nor does a contact.
   * Sets what is given for the contact; what is absent stays. Repeats harmlessly; an older card changes nothing.
   * Without a card, what is set is set for a contact that is there already.
   */
  @Put(':agent')
  @ApiOkResponse({ standardSchema: contactViewSchema })
  @Refuses(
    'node-alone',
    'agent-deleted',
    'card-refused',
    'card-conflict',
    'contact-limit-reached',
    'contact-not-found',
  )
  async take(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
    @Body({ schema: newContactSchema }) { card, ...change }: NewContact,
  ): Promise<ContactView> {
    if (card !== undefined || Object.values(change).every((value) => value === undefined))
      await this.add(holder, agent, card);
    return this.contacts.change(holder, agent, change);
  }

  private async add(holder: AgentPubKey, agent: AgentPubKey, card: string | undefined): Promise<void> {
    if (card === undefined) await this.local.add(holder, agent);
    else await this.contacts.take(holder, agent, card);
    await this.access.contactAdded(holder, agent);
  }

  /** Forgets the contact. Its messages stay, and it can still write, unless only contacts may. */
  @Delete(':agent')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @Refuses('contact-not-found')
  remove(
    @CurrentAgent() holder: AgentPubKey,
    @Param('agent', { schema: agentParamSchema }) agent: AgentPubKey,
  ): Promise<void> {
    return this.contacts.remove(holder, agent);
  }
}
