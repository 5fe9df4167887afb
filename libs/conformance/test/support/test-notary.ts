import { type KeyObject, createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  AgentOfflineError,
  type AgentPubKey,
  InvalidMessageError,
  InvalidReceiptError,
  type MessageDraft,
  type MessageId,
  type Notary,
  type Presence,
  type Receipt,
  type SignedMessage,
  type SignedReceipt,
  parseAgentPubKey,
  parseMessageId,
  parseSignature,
} from '@musubi/messaging';

/** Ed25519 by Node itself: the package under test may import no other of this repository. */
export class TestNotary implements Notary, Presence {
  private readonly keys = new Map<AgentPubKey, KeyObject>();
  private readonly offline = new Set<AgentPubKey>();

  newAgent(): AgentPubKey {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const agent = parseAgentPubKey(publicKey.export({ format: 'jwk' }).x ?? '');
    this.keys.set(agent, privateKey);
    return agent;
  }

  setOnline(agent: AgentPubKey, isOnline: boolean): void {
    if (isOnline) this.offline.delete(agent);
    else this.offline.add(agent);
  }

  isOnline(agent: AgentPubKey): boolean {
    return this.keys.has(agent) && !this.offline.has(agent);
  }

  messageIdOf({ author, recipient, payload, replyTo, sentAt, nonce }: MessageDraft): MessageId {
    const text = JSON.stringify([author, recipient, payload, replyTo, sentAt, nonce]);
    return parseMessageId(createHash('sha256').update(text).digest('base64url'));
  }

  signReceipt(receipt: Receipt): SignedReceipt {
    const key = this.keys.get(receipt.by);
    if (key === undefined || !this.isOnline(receipt.by)) throw new AgentOfflineError('no key to sign with');
    return { ...receipt, signature: parseSignature(sign(null, bytesOf(receipt), key).toString('base64url')) };
  }

  verifyReceipt(receipt: SignedReceipt, message: MessageDraft): void {
    const maker = receipt.status === 'saved' ? message.author : message.recipient;
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: receipt.by }, format: 'jwk' });
    const isSigned = verify(null, bytesOf(receipt), key, Buffer.from(receipt.signature, 'base64url'));
    if (!isSigned || receipt.by !== maker || receipt.message !== this.messageIdOf(message)) {
      throw new InvalidReceiptError('not a receipt of this message by its rightful maker');
    }
  }

  verifyMessage({ message, saved }: SignedMessage): void {
    try {
      this.verifyReceipt(saved, message);
    } catch (error) {
      throw new InvalidMessageError('the message is not signed by its author', { cause: error });
    }
  }
}

function bytesOf({ message, status, by, at, space }: Receipt): Buffer {
  return Buffer.from(JSON.stringify([message, status, by, at, space]));
}
