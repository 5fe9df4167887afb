import { violatedConstraint } from '@musubi/database';
import { type MessageDraft, MessageNotFoundError } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type ServiceStrategy } from '../node/strategies.js';
import { ActOfSending } from './act-of-sending.js';
import { Recipients } from './recipients.js';
import { type ServiceNode } from '../node/service-node.js';
import { NODE } from '../node/tokens.js';
import { requireFile, requireReplied } from './requirements.js';
import { FirstContacts } from './first-contacts.js';
import { IDEMPOTENCY_KEY_ONCE, IdempotencyStore, type SendRequest } from './idempotency.store.js';
import { type TrackedMessage } from './message-tracker.js';

export interface SendOptions {
  /** The Idempotency-Key, if there is one. */
  readonly key: string | undefined;
  readonly waitMs: number;
  /** Where the request came from. */
  readonly address: string;
}

/** Requests to send: new ones are checked and performed, repeated ones are answered from what was kept. */
@Injectable()
export class SendRequests {
  @Inject(FirstContacts) private readonly contacts!: FirstContacts;
  @Inject(NODE) private readonly node!: Pick<ServiceNode, 'files' | 'keyring'>;

  constructor(
    private readonly sending: ActOfSending,
    private readonly idempotency: IdempotencyStore,
    private readonly recipients: Recipients,
  ) {}

  /** A repeat is not checked again: what it refers to may have gone since. */
  async perform(
    strategy: ServiceStrategy,
    request: SendRequest,
    options: SendOptions,
  ): Promise<TrackedMessage> {
    return (
      (await this.repeated(strategy, request, options)) ?? (await this.performNew(strategy, request, options))
    );
  }

  private async performNew(
    strategy: ServiceStrategy,
    request: SendRequest,
    options: SendOptions,
  ): Promise<TrackedMessage> {
    await this.recipients.require(strategy, request);
    await requireReplied(strategy, request);
    await this.requireFile(request);
    const { key, waitMs, address } = options;
    const draft = this.sending.newDraft(request);
    const extras = key === undefined ? [] : [this.idempotency.rowsOf(key, request, draft)];
    try {
      return await this.contacts.admit(strategy, { ...draft, address }, () =>
        this.sending.perform(strategy, draft, { waitMs, extras }),
      );
    } catch (error) {
      if (violatedConstraint(error) !== IDEMPOTENCY_KEY_ONCE) throw error;
      // The same key at the same moment: the other request was first, and is committed by now.
      const repeated = await this.repeated(strategy, request, options);
      if (repeated === null) throw error;
      return repeated;
    }
  }

  private async requireFile({ author, payload }: Pick<MessageDraft, 'author' | 'payload'>): Promise<void> {
    if (payload.type === 'file')
      await requireFile(this.node.files, this.node.keyring.keysOf(author), payload.file);
  }

  /** `null` when nothing was done under this key. */
  private async repeated(
    strategy: ServiceStrategy,
    request: SendRequest,
    { key, waitMs }: SendOptions,
  ): Promise<TrackedMessage | null> {
    const first = key === undefined ? null : await this.idempotency.find(key, request);
    if (first === null) return null;
    try {
      return await this.sending.repeat(strategy, first, waitMs);
    } catch (error) {
      if (!(error instanceof MessageNotFoundError)) throw error;
      return this.performClaimed(strategy, first, waitMs);
    }
  }

  /** Once, keys were kept before their messages: then a request that was refused since may have left one. */
  private async performClaimed(
    strategy: ServiceStrategy,
    draft: MessageDraft,
    waitMs: number,
  ): Promise<TrackedMessage> {
    await this.recipients.require(strategy, draft);
    await requireReplied(strategy, draft);
    await this.requireFile(draft);
    return this.sending.perform(strategy, draft, { waitMs, extras: [] });
  }
}
