// Written by `npm run client:types` from the OpenAPI document that the service serves. Do not change it by hand.

export interface paths {
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['HealthController_live'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['HealthController_ready'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['AgentsController_search'];
    put?: never;
    post: operations['AgentsController_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['AgentsController_find'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/card': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['CardsController_card'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/deletion': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['DeletionController_delete'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['MovingController_export'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/passphrase': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations['PassphrasesController_change'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/recovery': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['PassphrasesController_recover'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/recovery-words': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['PassphrasesController_words'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/{agent}/return': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['MovingController_return'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/agents/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['MovingController_import'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/blocks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['BlocksController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/blocks/{agent}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['BlocksController_find'];
    put: operations['BlocksController_block'];
    post?: never;
    delete: operations['BlocksController_unblock'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/changes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ChangesController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clones': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ClonesController_list'];
    put: operations['ClonesController_changeAll'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clones/{peer}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ClonesController_find'];
    put: operations['ClonesController_change'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/contacts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ContactsController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/contacts/{agent}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ContactsController_find'];
    put: operations['ContactsController_take'];
    post?: never;
    delete: operations['ContactsController_remove'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/files': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['FilesController_upload'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/files/{file}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['FilesController_download'];
    put?: never;
    post?: never;
    delete: operations['FilesController_remove'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/files/{file}/thumbnail': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['ThumbnailsController_thumbnail'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/node': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['NodeController_find'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['SessionsController_list'];
    put?: never;
    post: operations['SessionsController_signIn'];
    delete: operations['SessionsController_endAll'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sessions/{session}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['SessionsController_end'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/sessions/current': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['SessionsController_signOut'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['SettingsController_find'];
    put: operations['SettingsController_change'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/signals': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['SignalsController_signals'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/start': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['StartController_find'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['StrategiesController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['StrategiesController_find'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/conversations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['MessagesController_conversations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['MessagesController_list'];
    put?: never;
    post: operations['MessagesController_send'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/messages/{message}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['MessagesController_find'];
    put?: never;
    post?: never;
    delete: operations['MessagesController_remove'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/messages/{message}/pin': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put: operations['PinsController_pin'];
    post?: never;
    delete: operations['PinsController_unpin'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/messages/{message}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['MessagesController_retry'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/pins': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['PinsController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/receipts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['ReceiptsController_read'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['SearchController_search'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/strategies/{strategy}/typing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post: operations['TypingController_tell'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/uploads': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get: operations['UploadsController_list'];
    put?: never;
    post: operations['UploadsController_begin'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/uploads/{upload}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete: operations['UploadsController_remove'];
    options?: never;
    head: operations['UploadsController_look'];
    patch: operations['UploadsController_append'];
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Problem: {
      /** @description Where that node can be dialled. */
      readonly addresses?: string[];
      detail: string;
      /** @description What is wrong with which field, by its dotted path. */
      readonly errors?: {
        message: string;
        path: string;
      }[];
      readonly ids?: string[];
      /** @description The messages of `ids` are stored, or may be, although this is an error. */
      kept?: true | 'unknown';
      /** @description Of `agent-moved`: the node where the agent lives now; `null` while it is nowhere else. */
      node?: string | null;
      /** @description Whether the same request may succeed later. */
      retryable: boolean;
      status: number;
      title: string;
      /** @description `urn:musubi:problem:<code>`. */
      type: string;
    };
    /** @enum {string} */
    ProblemType:
      | 'urn:musubi:problem:agent-deleted'
      | 'urn:musubi:problem:agent-is-here'
      | 'urn:musubi:problem:agent-moved'
      | 'urn:musubi:problem:agent-offline'
      | 'urn:musubi:problem:agent-unattended'
      | 'urn:musubi:problem:block-limit-reached'
      | 'urn:musubi:problem:block-not-found'
      | 'urn:musubi:problem:caller-not-author'
      | 'urn:musubi:problem:card-conflict'
      | 'urn:musubi:problem:card-refused'
      | 'urn:musubi:problem:chain-locked'
      | 'urn:musubi:problem:clone-disabled'
      | 'urn:musubi:problem:clone-limit-reached'
      | 'urn:musubi:problem:clone-not-found'
      | 'urn:musubi:problem:contact-limit-reached'
      | 'urn:musubi:problem:contact-not-found'
      | 'urn:musubi:problem:expectation-failed'
      | 'urn:musubi:problem:file-in-use'
      | 'urn:musubi:problem:file-not-found'
      | 'urn:musubi:problem:file-quota-exceeded'
      | 'urn:musubi:problem:forbidden'
      | 'urn:musubi:problem:head-moved'
      | 'urn:musubi:problem:headers-too-large'
      | 'urn:musubi:problem:idempotency-key-reused'
      | 'urn:musubi:problem:image-damaged'
      | 'urn:musubi:problem:image-too-large'
      | 'urn:musubi:problem:import-outdated'
      | 'urn:musubi:problem:import-refused'
      | 'urn:musubi:problem:internal'
      | 'urn:musubi:problem:invalid'
      | 'urn:musubi:problem:invalid-cursor'
      | 'urn:musubi:problem:invalid-message'
      | 'urn:musubi:problem:malformed'
      | 'urn:musubi:problem:message-deleted'
      | 'urn:musubi:problem:message-not-found'
      | 'urn:musubi:problem:message-unreadable'
      | 'urn:musubi:problem:node-alone'
      | 'urn:musubi:problem:not-an-image'
      | 'urn:musubi:problem:not-implemented'
      | 'urn:musubi:problem:not-joined'
      | 'urn:musubi:problem:not-recipient'
      | 'urn:musubi:problem:old-home-unreachable'
      | 'urn:musubi:problem:payload-too-large'
      | 'urn:musubi:problem:pin-limit-reached'
      | 'urn:musubi:problem:range-not-satisfiable'
      | 'urn:musubi:problem:rate-limited'
      | 'urn:musubi:problem:recipient-elsewhere'
      | 'urn:musubi:problem:registration-closed'
      | 'urn:musubi:problem:request-timeout'
      | 'urn:musubi:problem:session-not-found'
      | 'urn:musubi:problem:typing-not-carried'
      | 'urn:musubi:problem:unauthenticated'
      | 'urn:musubi:problem:unavailable'
      | 'urn:musubi:problem:unknown-agent'
      | 'urn:musubi:problem:unknown-recipient'
      | 'urn:musubi:problem:unknown-strategy'
      | 'urn:musubi:problem:unsupported-media-type'
      | 'urn:musubi:problem:upload-limit-reached'
      | 'urn:musubi:problem:upload-mismatch'
      | 'urn:musubi:problem:upload-offset-wrong'
      | 'urn:musubi:problem:upload-unknown';
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  HealthController_live: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ok';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  HealthController_ready: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            redis: 'unused' | 'connected' | 'away';
            /** @enum {string} */
            status: 'ok';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AgentsController_search: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
        search?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @description Ed25519 public key, base64url. */
              agent: string;
              nickname: string;
              /** @description Some process of the node holds the unlocked key of this agent. */
              online: boolean;
            }[];
            next: string | null;
            /** @enum {string|null} */
            prev: null;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AgentsController_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Repeats the same request safely for a day: the same agent, and a token of its own. Without a passphrase the key is a secret, and needs 22 random characters or more. */
        'Idempotency-Key'?: string;
        /** @description Needed where the node has `REGISTRATION=token`. */
        'Registration-Token'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description How others find this agent. Need not be unique. Stored by the Nickname profile of RFC 8266. */
          nickname: string;
          /** @description Seals the keys. Without one the agent is unattended: online whenever the node is. */
          passphrase?: string;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            agent: string;
            /** @description Bearer token. It is shown once. */
            token: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AgentsController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Ed25519 public key, base64url. */
            agent: string;
            nickname: string;
            /** @description Some process of the node holds the unlocked key of this agent. */
            online: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  CardsController_card: {
    parameters: {
      query?: never;
      header?: {
        /** @description One of text/plain, image/svg+xml, image/png. */
        Accept?: string;
      };
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'image/png': string;
          'image/svg+xml': string;
          'text/plain': string;
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  DeletionController_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Opens the keys. An unattended agent needs none. */
          passphrase?: string;
        };
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MovingController_export: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Opens the keys, and seals the file. An unattended agent chooses one for the file. */
          passphrase: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/vnd.musubi.agent': string;
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PassphrasesController_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Seals the keys from now on. */
          newPassphrase: string;
          /** @description Opens the keys. An unattended agent needs none: it gets its first passphrase. */
          passphrase?: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Bearer token. It is shown once. */
            token: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PassphrasesController_recover: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Seals the keys from now on. */
          newPassphrase: string;
          /** @description What `recovery-words` answered, in any case and with any space between. */
          words: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Bearer token. It is shown once. */
            token: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PassphrasesController_words: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          passphrase: string;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description 24 English words (BIP 39). Who has them has the agent, for good. */
            words: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MovingController_return: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Opens the keys. An unattended agent needs none. */
          passphrase?: string;
        };
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MovingController_import: {
    parameters: {
      query?: {
        /** @description The old home is gone for good: that it cannot be reached does not matter. */
        abandoned?: 'true' | 'false';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** @description What the export of the agent answered. */
    requestBody: {
      content: {
        'application/vnd.musubi.agent': string;
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            agent: string;
            /** @description Bearer token. It is shown once. */
            token: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  BlocksController_list: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @description Ed25519 public key, base64url: an agent that may not write to this one. */
              agent: string;
            }[];
            next: string | null;
            /** @enum {string|null} */
            prev: null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  BlocksController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Ed25519 public key, base64url: an agent that may not write to this one. */
            agent: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  BlocksController_block: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Ed25519 public key, base64url: an agent that may not write to this one. */
            agent: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  BlocksController_unblock: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ChangesController_list: {
    parameters: {
      query?: {
        limit?: number;
        /** @description The `next` of a page, or the id of an event. `latest`: after all there is. Absent: from the beginning. */
        since?: string;
        /** @description How many seconds to wait for a change if there is none yet. */
        wait?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description In the order of arrival; each message at its last change. */
            items: (
              | {
                  message: {
                    author: string;
                    /** @description While the message is on its way, and after it has failed. */
                    delivery?: {
                      /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                      attempt: number;
                      /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                      lastError: string | null;
                      /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                      nextAttemptAt: string | null;
                      /**
                       * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                       * @enum {string}
                       */
                      step: 'send' | 'confirm';
                    };
                    id: string;
                    /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                    nonce: string;
                    payload:
                      | {
                          text: string;
                          /** @enum {string} */
                          type: 'text';
                        }
                      | {
                          file: {
                            /** @description SHA-256 of its bytes, base64url. */
                            digest: string;
                            /** @description Of its sealed form: equal files have different ids. */
                            id: string;
                            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                            key: string;
                            mediaType: string;
                            name: string;
                            /** @description Bytes. */
                            size: number;
                          };
                          /** @description What was said beside the file, if anything. */
                          text: string | null;
                          /** @enum {string} */
                          type: 'file';
                        };
                    /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                    pinned: boolean;
                    receipts: {
                      /** @description RFC 3339, UTC, microseconds. */
                      at: string;
                      /** @description The agent that signed. */
                      by: string;
                      message: string;
                      /** @description Ed25519 by `by`, base64url. */
                      signature: string;
                      /** @description The space in which it was made: part of what is signed. */
                      space: string;
                      /** @enum {string} */
                      status: 'saved' | 'delivered' | 'read';
                    }[];
                    recipient: string;
                    replyTo: string | null;
                    /** @description RFC 3339, UTC, microseconds. */
                    sentAt: string;
                    /**
                     * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                     * @enum {string}
                     */
                    status: 'saved' | 'delivered' | 'read' | 'failed';
                    /** @enum {string} */
                    strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                    /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                    unread: boolean;
                  };
                  /** @enum {string} */
                  strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                  /** @enum {string} */
                  type: 'message';
                }
              | {
                  id: string;
                  /** @enum {string} */
                  strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                  /** @enum {string} */
                  type: 'deleted';
                }
            )[];
            /** @description Cursor of later changes. Always present; it never expires. */
            next: string;
            /** @enum {string|null} */
            prev: null;
            /** @description How many further changes cannot be read. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ClonesController_list: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @description The agent with whom it is shared. */
              peer: string;
              /**
               * @description `invited`: the peer has not joined. `joined`: it has. `primed`: records of the peer have come. `disabled`: switched off by you.
               * @enum {string}
               */
              state: 'invited' | 'joined' | 'primed' | 'disabled';
            }[];
            next: string | null;
            /** @enum {string|null} */
            prev: null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ClonesController_changeAll: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {boolean} */
          enabled: false;
          /**
           * @description Only clones that peers opened.
           * @enum {string}
           */
          openedBy: 'peer';
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description How many clones were disabled. */
            disabled: number;
            /**
             * @description Only clones that peers opened.
             * @enum {string}
             */
            openedBy: 'peer';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ClonesController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        peer: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The agent with whom it is shared. */
            peer: string;
            /**
             * @description `invited`: the peer has not joined. `joined`: it has. `primed`: records of the peer have come. `disabled`: switched off by you.
             * @enum {string}
             */
            state: 'invited' | 'joined' | 'primed' | 'disabled';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ClonesController_change: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        peer: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A disabled clone stays readable, accepts no message, and does not count towards the limit. */
          enabled: boolean;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The agent with whom it is shared. */
            peer: string;
            /**
             * @description `invited`: the peer has not joined. `joined`: it has. `primed`: records of the peer have come. `disabled`: switched off by you.
             * @enum {string}
             */
            state: 'invited' | 'joined' | 'primed' | 'disabled';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ContactsController_list: {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              agent: string;
              /** @description The name that this agent has given the contact. Nobody else sees it. */
              petname: string | null;
              /** @description Whether the contact is told that its messages were read; `null`: as the settings say. */
              readReceipts: boolean | null;
            }[];
            next: string | null;
            /** @enum {string|null} */
            prev: null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ContactsController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Where that node can be dialled, as far as this one knows. */
            addresses: string[];
            /** @description Ed25519 public key, base64url. */
            agent: string;
            /** @description The key of the node that it is on; `null` when it has left, or is on this node and has no card. */
            node: string | null;
            /** @description The name that this agent has given the contact. Nobody else sees it. */
            petname: string | null;
            /** @description Whether the contact is told that its messages were read; `null`: as the settings say. */
            readReceipts: boolean | null;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ContactsController_take: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The contact card as text: `musubi:card/…`. Not needed for an agent of this node, nor for a contact. */
          card?: string;
          /** @description The name that this agent gives the contact; `null`: none. By the rules of nicknames. */
          petname?: string | null;
          /** @description Whether the contact is told that its messages were read; `null`: as the settings say. */
          readReceipts?: boolean | null;
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Where that node can be dialled, as far as this one knows. */
            addresses: string[];
            /** @description Ed25519 public key, base64url. */
            agent: string;
            /** @description The key of the node that it is on; `null` when it has left, or is on this node and has no card. */
            node: string | null;
            /** @description The name that this agent has given the contact. Nobody else sees it. */
            petname: string | null;
            /** @description Whether the contact is told that its messages were read; `null`: as the settings say. */
            readReceipts: boolean | null;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ContactsController_remove: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  FilesController_upload: {
    parameters: {
      query?: {
        /** @description What the file is. A form may have it in its part. */
        mediaType?: string;
        /** @description At most 255 bytes of UTF-8; no path, no controls. A form may have it in its part. */
        name?: string;
      };
      header?: {
        /** @description RFC 9530: `sha-256=:…:`. Another file is refused. */
        'Content-Digest'?: string;
        /** @description RFC 9530: `sha-256=:…:`. Another file is refused. */
        'Repr-Digest'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/octet-stream':
          | string
          | {
              /** Format: binary */
              file?: string;
            };
        'multipart/form-data':
          | string
          | {
              /** Format: binary */
              file?: string;
            };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description SHA-256 of its bytes, base64url. */
            digest: string;
            /** @description Of its sealed form: equal files have different ids. */
            id: string;
            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
            key: string;
            mediaType: string;
            name: string;
            /** @description Bytes. */
            size: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  FilesController_download: {
    parameters: {
      query?: never;
      header?: {
        /** @description One range of bytes; several are ignored. */
        Range?: string;
      };
      path: {
        file: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The whole file. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': string;
        };
      };
      /** @description The range. */
      206: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/octet-stream': string;
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  FilesController_remove: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        file: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ThumbnailsController_thumbnail: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag of an earlier answer. */
        'If-None-Match'?: string;
      };
      path: {
        file: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The thumbnail. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'image/webp': string;
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  NodeController_find: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Where other nodes dial it. */
            addresses: string[];
            /** @description Ed25519 public key of the node, base64url; `null` when it is alone. */
            key: string | null;
            /** @description Numbers only: where a node is a person, its peers are a list of contacts. */
            peers: {
              /** @description Nodes that did not answer the last time. */
              failing: number;
              /** @description Other nodes whose records are known, and with which there is no link now. */
              known: number;
              /** @description Nodes with which there is a link now. */
              linked: number;
            };
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SessionsController_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @description RFC 3339, UTC, microseconds. */
              createdAt: string;
              /** @description The session of this request. */
              current: boolean;
              /** @description When the session ends unless it is used before; `null`: never. */
              expiresAt: string | null;
              /** @description Names the session. It is not a token. */
              id: string;
              /** @description A moment shortly before the last request: at most an hour, or a twentieth of the idle time. */
              lastUsedAt: string;
            }[];
            /** @enum {string|null} */
            next: null;
            /** @enum {string|null} */
            prev: null;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SessionsController_signIn: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          agent: string;
          passphrase: string;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Bearer token. It is shown once. */
            token: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SessionsController_endAll: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SessionsController_end: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        session: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SessionsController_signOut: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SettingsController_find: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Whether authors are told that this agent has read their messages; a contact may have a switch of its own. `true` at first. */
            readReceipts: boolean;
            /**
             * @description Whose messages this agent takes: all, those of its contacts, or none. `everybody` at first.
             * @enum {string}
             */
            whoMayWrite: 'nobody' | 'contacts' | 'everybody';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SettingsController_change: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Whether authors are told that this agent has read their messages; a contact may have a switch of its own. `true` at first. */
          readReceipts?: boolean;
          /**
           * @description Whose messages this agent takes: all, those of its contacts, or none. `everybody` at first.
           * @enum {string}
           */
          whoMayWrite?: 'nobody' | 'contacts' | 'everybody';
        };
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Whether authors are told that this agent has read their messages; a contact may have a switch of its own. `true` at first. */
            readReceipts: boolean;
            /**
             * @description Whose messages this agent takes: all, those of its contacts, or none. `everybody` at first.
             * @enum {string}
             */
            whoMayWrite: 'nobody' | 'contacts' | 'everybody';
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SignalsController_signals: {
    parameters: {
      query?: {
        /** @description As `Last-Event-ID`, which wins: the `next` of a page of changes, or the id of an event. */
        since?: string;
      };
      header?: {
        /** @description What came after this event is sent first. */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': (
            | {
                data: {
                  author: string;
                  /** @description While the message is on its way, and after it has failed. */
                  delivery?: {
                    /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                    attempt: number;
                    /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                    lastError: string | null;
                    /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                    nextAttemptAt: string | null;
                    /**
                     * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                     * @enum {string}
                     */
                    step: 'send' | 'confirm';
                  };
                  id: string;
                  /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                  nonce: string;
                  payload:
                    | {
                        text: string;
                        /** @enum {string} */
                        type: 'text';
                      }
                    | {
                        file: {
                          /** @description SHA-256 of its bytes, base64url. */
                          digest: string;
                          /** @description Of its sealed form: equal files have different ids. */
                          id: string;
                          /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                          key: string;
                          mediaType: string;
                          name: string;
                          /** @description Bytes. */
                          size: number;
                        };
                        /** @description What was said beside the file, if anything. */
                        text: string | null;
                        /** @enum {string} */
                        type: 'file';
                      };
                  /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                  pinned: boolean;
                  receipts: {
                    /** @description RFC 3339, UTC, microseconds. */
                    at: string;
                    /** @description The agent that signed. */
                    by: string;
                    message: string;
                    /** @description Ed25519 by `by`, base64url. */
                    signature: string;
                    /** @description The space in which it was made: part of what is signed. */
                    space: string;
                    /** @enum {string} */
                    status: 'saved' | 'delivered' | 'read';
                  }[];
                  recipient: string;
                  replyTo: string | null;
                  /** @description RFC 3339, UTC, microseconds. */
                  sentAt: string;
                  /**
                   * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                   * @enum {string}
                   */
                  status: 'saved' | 'delivered' | 'read' | 'failed';
                  /** @enum {string} */
                  strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                  /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                  unread: boolean;
                };
                /** @enum {string} */
                event: 'message' | 'receipt' | 'delivery-failed';
                /** @description The cursor of the event, for `Last-Event-ID`. */
                id: string;
              }
            | {
                data: {
                  id: string;
                  /** @enum {string} */
                  strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                };
                /** @enum {string} */
                event: 'deleted';
                /** @description The cursor of the event, for `Last-Event-ID`. */
                id: string;
              }
            | {
                data: {
                  /** @description The agent that writes to this one. */
                  from: string;
                  /** @description How long it is to be shown. */
                  seconds: number;
                  /** @enum {string} */
                  strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                  /** @description `false`: it has stopped. */
                  typing: boolean;
                };
                /** @enum {string} */
                event: 'typing';
                /** @description The cursor of the event, for `Last-Event-ID`. */
                id: string;
              }
            | {
                /** @enum {string} */
                data: '';
                /** @enum {string} */
                event: 'heartbeat';
                /** @description The cursor of the event, for `Last-Event-ID`. */
                id: string;
              }
          )[];
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  StartController_find: {
    parameters: {
      query?: {
        /** @description Of contacts, and of conversations on each placement. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            agent: {
              /** @description Ed25519 public key, base64url. */
              agent: string;
              nickname: string;
            };
            /** @description Cursor of `GET /v1/changes` and `GET /v1/signals`: what is not in the conversations comes after it. */
            changes: string;
            /** @description The first page. */
            contacts: {
              items: {
                agent: string;
                /** @description The name that this agent has given the contact. Nobody else sees it. */
                petname: string | null;
                /** @description Whether the contact is told that its messages were read; `null`: as the settings say. */
                readReceipts: boolean | null;
              }[];
              next: string | null;
              /** @enum {string|null} */
              prev: null;
              /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
              unreadable?: number;
            };
            /** @description The first page of each placement. */
            conversations: {
              'global-dht': {
                items: {
                  last: {
                    author: string;
                    /** @description While the message is on its way, and after it has failed. */
                    delivery?: {
                      /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                      attempt: number;
                      /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                      lastError: string | null;
                      /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                      nextAttemptAt: string | null;
                      /**
                       * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                       * @enum {string}
                       */
                      step: 'send' | 'confirm';
                    };
                    id: string;
                    /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                    nonce: string;
                    payload:
                      | {
                          text: string;
                          /** @enum {string} */
                          type: 'text';
                        }
                      | {
                          file: {
                            /** @description SHA-256 of its bytes, base64url. */
                            digest: string;
                            /** @description Of its sealed form: equal files have different ids. */
                            id: string;
                            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                            key: string;
                            mediaType: string;
                            name: string;
                            /** @description Bytes. */
                            size: number;
                          };
                          /** @description What was said beside the file, if anything. */
                          text: string | null;
                          /** @enum {string} */
                          type: 'file';
                        };
                    /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                    pinned: boolean;
                    receipts: {
                      /** @description RFC 3339, UTC, microseconds. */
                      at: string;
                      /** @description The agent that signed. */
                      by: string;
                      message: string;
                      /** @description Ed25519 by `by`, base64url. */
                      signature: string;
                      /** @description The space in which it was made: part of what is signed. */
                      space: string;
                      /** @enum {string} */
                      status: 'saved' | 'delivered' | 'read';
                    }[];
                    recipient: string;
                    replyTo: string | null;
                    /** @description RFC 3339, UTC, microseconds. */
                    sentAt: string;
                    /**
                     * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                     * @enum {string}
                     */
                    status: 'saved' | 'delivered' | 'read' | 'failed';
                    /** @enum {string} */
                    strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                    /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                    unread: boolean;
                  };
                  peer: string;
                  /** @description The name that this agent has given the contact. Nobody else sees it. */
                  petname: string | null;
                  unread: number;
                }[];
                next: string | null;
                prev: string | null;
                /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
                unreadable?: number;
              };
              'pairwise-dht': {
                items: {
                  last: {
                    author: string;
                    /** @description While the message is on its way, and after it has failed. */
                    delivery?: {
                      /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                      attempt: number;
                      /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                      lastError: string | null;
                      /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                      nextAttemptAt: string | null;
                      /**
                       * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                       * @enum {string}
                       */
                      step: 'send' | 'confirm';
                    };
                    id: string;
                    /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                    nonce: string;
                    payload:
                      | {
                          text: string;
                          /** @enum {string} */
                          type: 'text';
                        }
                      | {
                          file: {
                            /** @description SHA-256 of its bytes, base64url. */
                            digest: string;
                            /** @description Of its sealed form: equal files have different ids. */
                            id: string;
                            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                            key: string;
                            mediaType: string;
                            name: string;
                            /** @description Bytes. */
                            size: number;
                          };
                          /** @description What was said beside the file, if anything. */
                          text: string | null;
                          /** @enum {string} */
                          type: 'file';
                        };
                    /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                    pinned: boolean;
                    receipts: {
                      /** @description RFC 3339, UTC, microseconds. */
                      at: string;
                      /** @description The agent that signed. */
                      by: string;
                      message: string;
                      /** @description Ed25519 by `by`, base64url. */
                      signature: string;
                      /** @description The space in which it was made: part of what is signed. */
                      space: string;
                      /** @enum {string} */
                      status: 'saved' | 'delivered' | 'read';
                    }[];
                    recipient: string;
                    replyTo: string | null;
                    /** @description RFC 3339, UTC, microseconds. */
                    sentAt: string;
                    /**
                     * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                     * @enum {string}
                     */
                    status: 'saved' | 'delivered' | 'read' | 'failed';
                    /** @enum {string} */
                    strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                    /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                    unread: boolean;
                  };
                  peer: string;
                  /** @description The name that this agent has given the contact. Nobody else sees it. */
                  petname: string | null;
                  unread: number;
                }[];
                next: string | null;
                prev: string | null;
                /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
                unreadable?: number;
              };
              'source-chain': {
                items: {
                  last: {
                    author: string;
                    /** @description While the message is on its way, and after it has failed. */
                    delivery?: {
                      /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                      attempt: number;
                      /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                      lastError: string | null;
                      /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                      nextAttemptAt: string | null;
                      /**
                       * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                       * @enum {string}
                       */
                      step: 'send' | 'confirm';
                    };
                    id: string;
                    /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                    nonce: string;
                    payload:
                      | {
                          text: string;
                          /** @enum {string} */
                          type: 'text';
                        }
                      | {
                          file: {
                            /** @description SHA-256 of its bytes, base64url. */
                            digest: string;
                            /** @description Of its sealed form: equal files have different ids. */
                            id: string;
                            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                            key: string;
                            mediaType: string;
                            name: string;
                            /** @description Bytes. */
                            size: number;
                          };
                          /** @description What was said beside the file, if anything. */
                          text: string | null;
                          /** @enum {string} */
                          type: 'file';
                        };
                    /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                    pinned: boolean;
                    receipts: {
                      /** @description RFC 3339, UTC, microseconds. */
                      at: string;
                      /** @description The agent that signed. */
                      by: string;
                      message: string;
                      /** @description Ed25519 by `by`, base64url. */
                      signature: string;
                      /** @description The space in which it was made: part of what is signed. */
                      space: string;
                      /** @enum {string} */
                      status: 'saved' | 'delivered' | 'read';
                    }[];
                    recipient: string;
                    replyTo: string | null;
                    /** @description RFC 3339, UTC, microseconds. */
                    sentAt: string;
                    /**
                     * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                     * @enum {string}
                     */
                    status: 'saved' | 'delivered' | 'read' | 'failed';
                    /** @enum {string} */
                    strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                    /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                    unread: boolean;
                  };
                  peer: string;
                  /** @description The name that this agent has given the contact. Nobody else sees it. */
                  petname: string | null;
                  unread: number;
                }[];
                next: string | null;
                prev: string | null;
                /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
                unreadable?: number;
              };
            };
            /** @description Nothing changed between the cursor and the conversations. `false`: some of what they show, and count as unread, comes once more with the changes. */
            exact: boolean;
            settings: {
              /** @description Whether authors are told that this agent has read their messages; a contact may have a switch of its own. `true` at first. */
              readReceipts: boolean;
              /**
               * @description Whose messages this agent takes: all, those of its contacts, or none. `everybody` at first.
               * @enum {string}
               */
              whoMayWrite: 'nobody' | 'contacts' | 'everybody';
            };
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  StrategiesController_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              guarantees: {
                /** @description No stranger holds the message's ciphertext. */
                bodyStaysWithPair: boolean;
                /** @description Two senders can deliver to one recipient at the same moment. */
                concurrentReceive: boolean;
                /** @description One author's simultaneous saves all land. */
                concurrentSave: boolean;
                /** @description No record given to strangers names both conversants. */
                hidesPeers: boolean;
                /** @description The two agents need never be online at once. */
                offlineDelivery: boolean;
                /** @description An agent can converse with any number of peers. */
                unboundedPeers: boolean;
                /** @description The two copies share no hash that a stranger can read. */
                unlinkableCopies: boolean;
              };
              /** @enum {string} */
              name: 'source-chain' | 'pairwise-dht' | 'global-dht';
              /** @description The options that this service uses. */
              variant: {
                [key: string]: string;
              };
            }[];
            /** @enum {string|null} */
            next: null;
            /** @enum {string|null} */
            prev: null;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  StrategiesController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            guarantees: {
              /** @description No stranger holds the message's ciphertext. */
              bodyStaysWithPair: boolean;
              /** @description Two senders can deliver to one recipient at the same moment. */
              concurrentReceive: boolean;
              /** @description One author's simultaneous saves all land. */
              concurrentSave: boolean;
              /** @description No record given to strangers names both conversants. */
              hidesPeers: boolean;
              /** @description The two agents need never be online at once. */
              offlineDelivery: boolean;
              /** @description An agent can converse with any number of peers. */
              unboundedPeers: boolean;
              /** @description The two copies share no hash that a stranger can read. */
              unlinkableCopies: boolean;
            };
            /** @description The last measured figures of this variant; null if there are none. */
            measured: {
              /** @description What is declared and not borne out, in words. */
              readonly contradictions: string[];
              /** @description Null where no guarantee was tested. */
              readonly declared:
                | {
                    declared: boolean;
                    guarantee: string;
                    isBorneOut: boolean;
                    /** @description What was counted against it. */
                    measured: number;
                  }[]
                | null;
              integrity: {
                isHeld: boolean;
                /** @description The figures in words. */
                sentence: string;
                readonly witnesses: string[];
              };
              options: {
                [key: string]: string;
              };
              run: {
                agents: number;
                /** @description Faults that the run was made to suffer. */
                faultRules: number;
                isPartial: boolean;
                machine: {
                  cores: number;
                  cpu: string;
                  memoryBytes: number;
                  node: string;
                  platform: string;
                  postgres: string;
                };
                messages: number;
                seconds: number;
                seed: number;
                startedAt: string;
                workload: string;
                workloadHash: string;
              };
              /** @description Null where integrity failed; one trait is null where it was not measured. */
              traits: {
                concurrency: {
                  figures: {
                    readonly points: {
                      gaveUp: number | null;
                      headMovedPerMessage: number | null;
                      messagesPerSecond: number | null;
                      /** @description From the slowest round to the fastest. */
                      readonly messagesPerSecondInterval: number[] | null;
                      /** @description Why the figures do not count, though they were repeated: then they are null. */
                      notValid: string | null;
                      /** @description Until delivered. */
                      p95Ms: number | null;
                      senders: number;
                      /** @description Messages that this is of. */
                      timed: number;
                    }[];
                  };
                  samples: {
                    /** @description Those of them that the rate is of. */
                    backToBack: number;
                    /** @description For each number of senders. */
                    messages: number;
                  };
                  /** @description The figures in words. */
                  sentence: string;
                } | null;
                cost: {
                  figures: {
                    bytesPerAgent: number;
                    bytesPerMessage: number;
                    bytesPerPair: number;
                    callsPerMessage: number;
                    callsPerPair: number;
                    rowsPerAgent: number;
                    rowsPerMessage: number;
                    rowsPerPair: number;
                  };
                  samples: {
                    agents: number;
                    messages: number;
                    pairs: number;
                  };
                  /** @description The figures in words. */
                  sentence: string;
                } | null;
                durability: {
                  figures: {
                    acknowledged: number;
                    chainFaults: number;
                    doubled: number;
                    lost: number;
                    /** @description The recipient has it, and the author never learns of that. */
                    orphan: number;
                    phantom: number;
                    underFaults: {
                      doubled: number;
                      kinds: number;
                      lost: number;
                      phantom: number;
                    } | null;
                  };
                  samples: {
                    messages: number;
                    messagesUnderFaults: number;
                  };
                  /** @description The figures in words. */
                  sentence: string;
                };
                exposure: {
                  figures: {
                    readonly parties: {
                      auc: number;
                      readonly aucInterval: number[];
                      party: string;
                      /** @description The best single attack; null: nothing to go by. */
                      strongest: string | null;
                    }[];
                    /** @description What the volume of each agent alone tells. */
                    volume: {
                      auc: number;
                      readonly aucInterval: number[];
                    };
                  };
                  samples: {
                    pairs: number;
                    truePairs: number;
                  };
                  /** @description The figures in words. */
                  sentence: string;
                } | null;
                visibility: {
                  figures: {
                    readonly parties: {
                      /** @description Sealed or not. */
                      bodyBytes: number;
                      party: string;
                      textsRead: number;
                    }[];
                    /** @description By any party but the two who converse, the most of any. */
                    textsRead: number;
                  };
                  samples: {
                    texts: number;
                  };
                  /** @description The figures in words. */
                  sentence: string;
                } | null;
              } | null;
              variant: string;
            } | null;
            /** @enum {string} */
            name: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description The options that this service uses. */
            variant: {
              [key: string]: string;
            };
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_conversations: {
    parameters: {
      query?: {
        before?: string;
        limit?: number;
      };
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              last: {
                author: string;
                /** @description While the message is on its way, and after it has failed. */
                delivery?: {
                  /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                  attempt: number;
                  /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                  lastError: string | null;
                  /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                  nextAttemptAt: string | null;
                  /**
                   * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                   * @enum {string}
                   */
                  step: 'send' | 'confirm';
                };
                id: string;
                /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
                nonce: string;
                payload:
                  | {
                      text: string;
                      /** @enum {string} */
                      type: 'text';
                    }
                  | {
                      file: {
                        /** @description SHA-256 of its bytes, base64url. */
                        digest: string;
                        /** @description Of its sealed form: equal files have different ids. */
                        id: string;
                        /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                        key: string;
                        mediaType: string;
                        name: string;
                        /** @description Bytes. */
                        size: number;
                      };
                      /** @description What was said beside the file, if anything. */
                      text: string | null;
                      /** @enum {string} */
                      type: 'file';
                    };
                /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
                pinned: boolean;
                receipts: {
                  /** @description RFC 3339, UTC, microseconds. */
                  at: string;
                  /** @description The agent that signed. */
                  by: string;
                  message: string;
                  /** @description Ed25519 by `by`, base64url. */
                  signature: string;
                  /** @description The space in which it was made: part of what is signed. */
                  space: string;
                  /** @enum {string} */
                  status: 'saved' | 'delivered' | 'read';
                }[];
                recipient: string;
                replyTo: string | null;
                /** @description RFC 3339, UTC, microseconds. */
                sentAt: string;
                /**
                 * @description `failed`: retry or delete it. A late receipt still makes it delivered.
                 * @enum {string}
                 */
                status: 'saved' | 'delivered' | 'read' | 'failed';
                /** @enum {string} */
                strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
                /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
                unread: boolean;
              };
              peer: string;
              /** @description The name that this agent has given the contact. Nobody else sees it. */
              petname: string | null;
              unread: number;
            }[];
            next: string | null;
            prev: string | null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_list: {
    parameters: {
      query?: {
        /** @description Newer than this cursor: the `prev` of a page. */
        after?: string;
        /** @description That message in the middle of the page. */
        around?: string;
        /** @description Older than this cursor: the `next` of a page. */
        before?: string;
        limit?: number;
        /** @description The messages of one day, in `zone`. */
        on?: string;
        /** @description Only messages exchanged with this agent. */
        with?: string;
        /** @description The time zone of `on`, such as `Europe/Berlin` or `+05:45`; else UTC. */
        zone?: string;
      };
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              author: string;
              /** @description While the message is on its way, and after it has failed. */
              delivery?: {
                /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                attempt: number;
                /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                lastError: string | null;
                /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                nextAttemptAt: string | null;
                /**
                 * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                 * @enum {string}
                 */
                step: 'send' | 'confirm';
              };
              id: string;
              /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
              nonce: string;
              payload:
                | {
                    text: string;
                    /** @enum {string} */
                    type: 'text';
                  }
                | {
                    file: {
                      /** @description SHA-256 of its bytes, base64url. */
                      digest: string;
                      /** @description Of its sealed form: equal files have different ids. */
                      id: string;
                      /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                      key: string;
                      mediaType: string;
                      name: string;
                      /** @description Bytes. */
                      size: number;
                    };
                    /** @description What was said beside the file, if anything. */
                    text: string | null;
                    /** @enum {string} */
                    type: 'file';
                  };
              /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
              pinned: boolean;
              receipts: {
                /** @description RFC 3339, UTC, microseconds. */
                at: string;
                /** @description The agent that signed. */
                by: string;
                message: string;
                /** @description Ed25519 by `by`, base64url. */
                signature: string;
                /** @description The space in which it was made: part of what is signed. */
                space: string;
                /** @enum {string} */
                status: 'saved' | 'delivered' | 'read';
              }[];
              recipient: string;
              replyTo: string | null;
              /** @description RFC 3339, UTC, microseconds. */
              sentAt: string;
              /**
               * @description `failed`: retry or delete it. A late receipt still makes it delivered.
               * @enum {string}
               */
              status: 'saved' | 'delivered' | 'read' | 'failed';
              /** @enum {string} */
              strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
              /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
              unread: boolean;
            }[];
            /** @description Leads to older messages. */
            next: string | null;
            /** @description Leads to newer messages. */
            prev: string | null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_send: {
    parameters: {
      query?: never;
      header?: {
        /** @description Repeats the same message safely. */
        'Idempotency-Key'?: string;
        /** @description `wait=N`: up to N seconds for delivery, at most 30. `respond-async`: none. */
        Prefer?: string;
      };
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          payload:
            | {
                text: string;
                /** @enum {string} */
                type: 'text';
              }
            | {
                file: {
                  /** @description SHA-256 of its bytes, base64url. */
                  digest: string;
                  id: string;
                  /** @description What its chunks are sealed with, base64url. */
                  key: string;
                  mediaType: string;
                  name: string;
                  size: number;
                };
                /** @default null */
                text?: string | null;
                /** @enum {string} */
                type: 'file';
              };
          replyTo?: string | null;
          to: string;
        };
      };
    };
    responses: {
      201: {
        headers: {
          /** @description What of `Prefer` was followed. */
          'Preference-Applied'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            author: string;
            /** @description While the message is on its way, and after it has failed. */
            delivery?: {
              /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
              attempt: number;
              /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
              lastError: string | null;
              /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
              nextAttemptAt: string | null;
              /**
               * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
               * @enum {string}
               */
              step: 'send' | 'confirm';
            };
            id: string;
            /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
            nonce: string;
            payload:
              | {
                  text: string;
                  /** @enum {string} */
                  type: 'text';
                }
              | {
                  file: {
                    /** @description SHA-256 of its bytes, base64url. */
                    digest: string;
                    /** @description Of its sealed form: equal files have different ids. */
                    id: string;
                    /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                    key: string;
                    mediaType: string;
                    name: string;
                    /** @description Bytes. */
                    size: number;
                  };
                  /** @description What was said beside the file, if anything. */
                  text: string | null;
                  /** @enum {string} */
                  type: 'file';
                };
            /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
            pinned: boolean;
            receipts: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            recipient: string;
            replyTo: string | null;
            /** @description RFC 3339, UTC, microseconds. */
            sentAt: string;
            /**
             * @description `failed`: retry or delete it. A late receipt still makes it delivered.
             * @enum {string}
             */
            status: 'saved' | 'delivered' | 'read' | 'failed';
            /** @enum {string} */
            strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
            unread: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_find: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        message: string;
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            author: string;
            /** @description While the message is on its way, and after it has failed. */
            delivery?: {
              /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
              attempt: number;
              /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
              lastError: string | null;
              /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
              nextAttemptAt: string | null;
              /**
               * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
               * @enum {string}
               */
              step: 'send' | 'confirm';
            };
            id: string;
            /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
            nonce: string;
            payload:
              | {
                  text: string;
                  /** @enum {string} */
                  type: 'text';
                }
              | {
                  file: {
                    /** @description SHA-256 of its bytes, base64url. */
                    digest: string;
                    /** @description Of its sealed form: equal files have different ids. */
                    id: string;
                    /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                    key: string;
                    mediaType: string;
                    name: string;
                    /** @description Bytes. */
                    size: number;
                  };
                  /** @description What was said beside the file, if anything. */
                  text: string | null;
                  /** @enum {string} */
                  type: 'file';
                };
            /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
            pinned: boolean;
            receipts: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            recipient: string;
            replyTo: string | null;
            /** @description RFC 3339, UTC, microseconds. */
            sentAt: string;
            /**
             * @description `failed`: retry or delete it. A late receipt still makes it delivered.
             * @enum {string}
             */
            status: 'saved' | 'delivered' | 'read' | 'failed';
            /** @enum {string} */
            strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
            unread: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_remove: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        message: string;
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PinsController_pin: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        message: string;
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            author: string;
            /** @description While the message is on its way, and after it has failed. */
            delivery?: {
              /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
              attempt: number;
              /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
              lastError: string | null;
              /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
              nextAttemptAt: string | null;
              /**
               * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
               * @enum {string}
               */
              step: 'send' | 'confirm';
            };
            id: string;
            /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
            nonce: string;
            payload:
              | {
                  text: string;
                  /** @enum {string} */
                  type: 'text';
                }
              | {
                  file: {
                    /** @description SHA-256 of its bytes, base64url. */
                    digest: string;
                    /** @description Of its sealed form: equal files have different ids. */
                    id: string;
                    /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                    key: string;
                    mediaType: string;
                    name: string;
                    /** @description Bytes. */
                    size: number;
                  };
                  /** @description What was said beside the file, if anything. */
                  text: string | null;
                  /** @enum {string} */
                  type: 'file';
                };
            /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
            pinned: boolean;
            receipts: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            recipient: string;
            replyTo: string | null;
            /** @description RFC 3339, UTC, microseconds. */
            sentAt: string;
            /**
             * @description `failed`: retry or delete it. A late receipt still makes it delivered.
             * @enum {string}
             */
            status: 'saved' | 'delivered' | 'read' | 'failed';
            /** @enum {string} */
            strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
            unread: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PinsController_unpin: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        message: string;
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            author: string;
            /** @description While the message is on its way, and after it has failed. */
            delivery?: {
              /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
              attempt: number;
              /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
              lastError: string | null;
              /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
              nextAttemptAt: string | null;
              /**
               * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
               * @enum {string}
               */
              step: 'send' | 'confirm';
            };
            id: string;
            /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
            nonce: string;
            payload:
              | {
                  text: string;
                  /** @enum {string} */
                  type: 'text';
                }
              | {
                  file: {
                    /** @description SHA-256 of its bytes, base64url. */
                    digest: string;
                    /** @description Of its sealed form: equal files have different ids. */
                    id: string;
                    /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                    key: string;
                    mediaType: string;
                    name: string;
                    /** @description Bytes. */
                    size: number;
                  };
                  /** @description What was said beside the file, if anything. */
                  text: string | null;
                  /** @enum {string} */
                  type: 'file';
                };
            /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
            pinned: boolean;
            receipts: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            recipient: string;
            replyTo: string | null;
            /** @description RFC 3339, UTC, microseconds. */
            sentAt: string;
            /**
             * @description `failed`: retry or delete it. A late receipt still makes it delivered.
             * @enum {string}
             */
            status: 'saved' | 'delivered' | 'read' | 'failed';
            /** @enum {string} */
            strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
            unread: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  MessagesController_retry: {
    parameters: {
      query?: never;
      header?: {
        /** @description `wait=N`: up to N seconds for delivery, at most 30. `respond-async`: none. */
        Prefer?: string;
      };
      path: {
        message: string;
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description What of `Prefer` was followed. */
          'Preference-Applied'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            author: string;
            /** @description While the message is on its way, and after it has failed. */
            delivery?: {
              /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
              attempt: number;
              /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
              lastError: string | null;
              /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
              nextAttemptAt: string | null;
              /**
               * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
               * @enum {string}
               */
              step: 'send' | 'confirm';
            };
            id: string;
            /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
            nonce: string;
            payload:
              | {
                  text: string;
                  /** @enum {string} */
                  type: 'text';
                }
              | {
                  file: {
                    /** @description SHA-256 of its bytes, base64url. */
                    digest: string;
                    /** @description Of its sealed form: equal files have different ids. */
                    id: string;
                    /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                    key: string;
                    mediaType: string;
                    name: string;
                    /** @description Bytes. */
                    size: number;
                  };
                  /** @description What was said beside the file, if anything. */
                  text: string | null;
                  /** @enum {string} */
                  type: 'file';
                };
            /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
            pinned: boolean;
            receipts: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            recipient: string;
            replyTo: string | null;
            /** @description RFC 3339, UTC, microseconds. */
            sentAt: string;
            /**
             * @description `failed`: retry or delete it. A late receipt still makes it delivered.
             * @enum {string}
             */
            status: 'saved' | 'delivered' | 'read' | 'failed';
            /** @enum {string} */
            strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
            /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
            unread: boolean;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  PinsController_list: {
    parameters: {
      query: {
        /** @description Older than this cursor: the `next` of a page. */
        before?: string;
        limit?: number;
        /** @description The conversation with this agent. */
        with: string;
      };
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              author: string;
              /** @description While the message is on its way, and after it has failed. */
              delivery?: {
                /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                attempt: number;
                /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                lastError: string | null;
                /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                nextAttemptAt: string | null;
                /**
                 * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                 * @enum {string}
                 */
                step: 'send' | 'confirm';
              };
              id: string;
              /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
              nonce: string;
              payload:
                | {
                    text: string;
                    /** @enum {string} */
                    type: 'text';
                  }
                | {
                    file: {
                      /** @description SHA-256 of its bytes, base64url. */
                      digest: string;
                      /** @description Of its sealed form: equal files have different ids. */
                      id: string;
                      /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                      key: string;
                      mediaType: string;
                      name: string;
                      /** @description Bytes. */
                      size: number;
                    };
                    /** @description What was said beside the file, if anything. */
                    text: string | null;
                    /** @enum {string} */
                    type: 'file';
                  };
              /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
              pinned: boolean;
              receipts: {
                /** @description RFC 3339, UTC, microseconds. */
                at: string;
                /** @description The agent that signed. */
                by: string;
                message: string;
                /** @description Ed25519 by `by`, base64url. */
                signature: string;
                /** @description The space in which it was made: part of what is signed. */
                space: string;
                /** @enum {string} */
                status: 'saved' | 'delivered' | 'read';
              }[];
              recipient: string;
              replyTo: string | null;
              /** @description RFC 3339, UTC, microseconds. */
              sentAt: string;
              /**
               * @description `failed`: retry or delete it. A late receipt still makes it delivered.
               * @enum {string}
               */
              status: 'saved' | 'delivered' | 'read' | 'failed';
              /** @enum {string} */
              strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
              /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
              unread: boolean;
            }[];
            /** @description Leads to older messages. */
            next: string | null;
            /** @description Leads to newer messages. */
            prev: string | null;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ReceiptsController_read: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          messages: string[];
          /** @enum {string} */
          status: 'read';
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The messages that could not be marked, and why. The others are. */
            failed: {
              message: string;
              problem: {
                /** @description Where that node can be dialled. */
                readonly addresses?: string[];
                detail: string;
                /** @description What is wrong with which field, by its dotted path. */
                readonly errors?: {
                  message: string;
                  path: string;
                }[];
                readonly ids?: string[];
                /** @description The messages of `ids` are stored, or may be, although this is an error. */
                kept?: true | 'unknown';
                /** @description Of `agent-moved`: the node where the agent lives now; `null` while it is nowhere else. */
                node?: string | null;
                /** @description Whether the same request may succeed later. */
                retryable: boolean;
                status: number;
                title: string;
                /** @description `urn:musubi:problem:<code>`. */
                type: string;
              };
            }[];
            items: {
              /** @description RFC 3339, UTC, microseconds. */
              at: string;
              /** @description The agent that signed. */
              by: string;
              message: string;
              /** @description Ed25519 by `by`, base64url. */
              signature: string;
              /** @description The space in which it was made: part of what is signed. */
              space: string;
              /** @enum {string} */
              status: 'saved' | 'delivered' | 'read';
            }[];
            /** @enum {string|null} */
            next: null;
            /** @enum {string|null} */
            prev: null;
            /** @description The messages that are read now, or were before, without a receipt: no one is told. */
            untold: string[];
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SearchController_search: {
    parameters: {
      query?: {
        /** @description Goes on with older messages: the `next` of an answer. */
        before?: string;
        /** @description Words that all occur in a message, in any order, also within longer words, in any case. */
        text?: string;
        /** @description `text`: without a file. `file`: with one. `media`: with a picture, a film or sound, by its media type. */
        type?: 'text' | 'file' | 'media';
        /** @description Only messages exchanged with this agent. */
        with?: string;
      };
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              author: string;
              /** @description While the message is on its way, and after it has failed. */
              delivery?: {
                /** @description The number of failed attempts, those included that were made for other messages to the same recipient. */
                attempt: number;
                /** @description The code of what went wrong, after a slash the reason of a recipient that refused; `null`: nothing yet. */
                lastError: string | null;
                /** @description When the service tries next, or sooner if it hears from the recipient. A time that is past: the recipient is still away. `null`: no attempt is planned, since the message is published, or has failed and needs a retry. */
                nextAttemptAt: string | null;
                /**
                 * @description `send`: still to be sent. `confirm`: published, without a receipt yet.
                 * @enum {string}
                 */
                step: 'send' | 'confirm';
              };
              id: string;
              /** @description 16 random bytes, base64url. The id is a hash over all fields from `author` to `nonce`. */
              nonce: string;
              payload:
                | {
                    text: string;
                    /** @enum {string} */
                    type: 'text';
                  }
                | {
                    file: {
                      /** @description SHA-256 of its bytes, base64url. */
                      digest: string;
                      /** @description Of its sealed form: equal files have different ids. */
                      id: string;
                      /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
                      key: string;
                      mediaType: string;
                      name: string;
                      /** @description Bytes. */
                      size: number;
                    };
                    /** @description What was said beside the file, if anything. */
                    text: string | null;
                    /** @enum {string} */
                    type: 'file';
                  };
              /** @description One of the two has pinned it, and neither unpinned it since, as far as this agent knows. */
              pinned: boolean;
              receipts: {
                /** @description RFC 3339, UTC, microseconds. */
                at: string;
                /** @description The agent that signed. */
                by: string;
                message: string;
                /** @description Ed25519 by `by`, base64url. */
                signature: string;
                /** @description The space in which it was made: part of what is signed. */
                space: string;
                /** @enum {string} */
                status: 'saved' | 'delivered' | 'read';
              }[];
              recipient: string;
              replyTo: string | null;
              /** @description RFC 3339, UTC, microseconds. */
              sentAt: string;
              /**
               * @description `failed`: retry or delete it. A late receipt still makes it delivered.
               * @enum {string}
               */
              status: 'saved' | 'delivered' | 'read' | 'failed';
              /** @enum {string} */
              strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
              /** @description This agent has received it and not marked it as read. It may be read without a `read` receipt. */
              unread: boolean;
            }[];
            /** @description Leads to older messages, also when this answer has no items; `null` when all were searched. */
            next: string | null;
            /** @description How many messages were looked at for this answer. */
            searched: number;
            /** @description How many stored items of this page cannot be read and are left out; absent where there are none. `next` and `prev` move past them, also from a page without items. */
            unreadable?: number;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TypingController_tell: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        strategy: 'source-chain' | 'pairwise-dht' | 'global-dht';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          to: string;
          /** @description `false`: this agent has stopped. */
          typing: boolean;
        };
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UploadsController_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The oldest first; at most 16. */
            items: {
              /** @description As it was announced. */
              digest: string | null;
              /** @description RFC 3339, UTC, microseconds. Then what is not complete is gone. */
              expiresAt: string;
              mediaType: string;
              name: string;
              /** @description How many bytes are stored. */
              offset: number;
              /** @description How many there will be. */
              size: number;
              /** @description Names the upload: the last part of its address. */
              upload: string;
            }[];
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UploadsController_begin: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description SHA-256 of all bytes, base64url: other bytes are refused when the last one has come. */
          digest?: string;
          /**
           * @description What the file is.
           * @default application/octet-stream
           */
          mediaType?: string;
          /** @description At most 255 bytes of UTF-8; no path, no controls. */
          name: string;
          /** @description Of all bytes; at most 15 MiB. */
          size: number;
        };
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description RFC 3339, UTC, microseconds. Then what is not complete is gone. */
            expiresAt: string;
            /** @description How many bytes are stored. */
            offset: number;
            /** @description How many there will be. */
            size: number;
            /** @description Names the upload: the last part of its address. */
            upload: string;
          };
        };
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UploadsController_remove: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UploadsController_look: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          /** @description How many there will be. */
          'Upload-Length'?: number;
          /** @description How many bytes are stored. */
          'Upload-Offset'?: number;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UploadsController_append: {
    parameters: {
      query?: never;
      header: {
        /** @description Where the bytes belong: what HEAD tells. */
        'Upload-Offset': string;
      };
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/partial-upload': string;
      };
    };
    responses: {
      /** @description The file is complete. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description SHA-256 of its bytes, base64url. */
            digest: string;
            /** @description Of its sealed form: equal files have different ids. */
            id: string;
            /** @description What its chunks are sealed with, base64url. It travels only inside messages. */
            key: string;
            mediaType: string;
            name: string;
            /** @description Bytes. */
            size: number;
          };
        };
      };
      /** @description Bytes are missing still. */
      204: {
        headers: {
          /** @description How many bytes are stored. */
          'Upload-Offset'?: number;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A problem. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
