import { type components, type operations } from './openapi.js';

type Json<Of> = Of extends { readonly content: { readonly 'application/json': infer Body } } ? Body : never;
type Answer<Name extends keyof operations, Status extends number> =
  operations[Name]['responses'] extends Readonly<Record<Status, infer Response>> ? Json<Response> : never;
type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

type Body<Name extends keyof operations> = operations[Name] extends { readonly requestBody: infer Request }
  ? Json<Request>
  : never;

/** A message with its receipts. */
export type Message = Answer<'MessagesController_find', 200>;
type FilePayload = Extract<Message['payload'], { readonly type: 'file' }>;
export type NewPayload = Body<'MessagesController_send'>['payload'];
/** What an upload answers, and a message says of its file: enough to fetch it, to open it and to check it. */
export type MessageFile = FilePayload['file'];
export type Receipt = Message['receipts'][number];
/** Where a message lives. */
export type StrategyName = Message['strategy'];
export type Status = Message['status'];
/** A placement with what it guarantees. */
export type Strategy = Answer<'StrategiesController_list', 200>['items'][number];

export type Agent = Answer<'AgentsController_find', 200>;
/** An agent with the token that lets a client act as it. */
export type Session = Answer<'AgentsController_create', 201>;

export type ReceiptBatch = Pick<Answer<'ReceiptsController_read', 201>, 'items' | 'untold' | 'failed'>;
type StartAnswer = Answer<'StartController_find', 200>;
export type RawStart = Omit<StartAnswer, 'contacts'> & {
  readonly contacts: Omit<StartAnswer['contacts'], 'prev'>;
};
export type StartQuery = Query<'StartController_find'>;
export type Contact = Answer<'ContactsController_find', 200>;
export type ContactPage = Pick<Answer<'ContactsController_list', 200>, 'items' | 'next'>;
export type ContactQuery = Query<'ContactsController_list'>;
/** What is absent stays. */
export type ContactChange = Body<'ContactsController_take'>;
export type Settings = Answer<'SettingsController_find', 200>;
/** What is absent stays. */
export type SettingsChange = Body<'SettingsController_change'>;
export type AgentQuery = Query<'AgentsController_search'>;
export type MessageQuery = Query<'MessagesController_list'>;
export type SearchQuery = Query<'SearchController_search'>;
export type PinQuery = Query<'PinsController_list'>;
export type ConversationQuery = Query<'MessagesController_conversations'>;
/** A page as the service answers it. */
export type AgentPage = Pick<Answer<'AgentsController_search', 200>, 'items' | 'next'>;
export type RawMessagePage = Answer<'MessagesController_list', 200>;
export type RawConversationPage = Answer<'MessagesController_conversations', 200>;
export type RawChangePage = Omit<Answer<'ChangesController_list', 200>, 'prev'>;
/** What a stream sends. */
export type StreamEvent =
  operations['SignalsController_signals']['responses'][200]['content']['text/event-stream'][number];
export type RawChange = RawChangePage['items'][number];

export type Problem = components['schemas']['Problem'];
type CodeOf<Type> = Type extends `urn:musubi:problem:${infer Code}` ? Code : never;
/** What the `type` of a problem ends with. */
export type ProblemCode = CodeOf<components['schemas']['ProblemType']>;
