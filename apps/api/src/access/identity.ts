import { Injectable } from '@nestjs/common';
import { type CallerRequest } from './access.js';
import { networkOf } from '../http/caller-address.js';
import { Sessions } from '../sessions/sessions.js';

/** The name of a process may stand in front: tokens of before it had one, or of another, stay good. */
const BEARER = /^bearer +((?:[A-Za-z0-9-]{1,32}\.)?[A-Za-z0-9_-]{43})$/i;

/** Finds out who calls. Refuses nobody: that is the access guard's. */
@Injectable()
export class Identity {
  constructor(private readonly sessions: Sessions) {}

  /** The token that came with the request; `null` when it cannot be one. */
  tokenOf({ headers }: CallerRequest): string | null {
    return BEARER.exec(headers.authorization ?? '')?.[1] ?? null;
  }

  /** Notes the caller in the request, if the token is good. */
  async identify(request: CallerRequest, token: string): Promise<void> {
    const session = await this.sessions.identify(token);
    if (session !== null)
      request.caller = { agent: session.agent, network: networkOf(request.ip), token, session };
  }
}
