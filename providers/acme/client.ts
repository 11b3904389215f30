import { X509Certificate } from 'node:crypto';
import { ProviderError } from '../../core/errors.ts';
import { type HttpAnswer, retryAfterMs } from '../http.ts';
import { ariId } from './ari.ts';
import { findRevoked } from './crl.ts';
import { csrDer } from './csr.ts';
import { txtValue } from './jws.ts';
import type { Acme, AcmeAccount, AcmeAuthorization, AcmeOrder, Certificate } from './port.ts';
import { isProblem, sentence } from './problem.ts';
import { Session } from './session.ts';
import { authorizationShape, challengeShape, orderShape, parse, renewalShape } from './shapes.ts';
import { createTransport } from './transport.ts';

export interface AcmeConfig {
  directoryUrl: string;
  /** PEM that the directory's HTTPS certificate must lead to; the public roots where absent. */
  ca?: string;
  /** Deadline of each HTTP exchange. */
  timeoutMs: number;
}

export function createAcme(config: AcmeConfig): Acme {
  return new AcmeClient(new Session(createTransport(config), config.directoryUrl), config.timeoutMs);
}

const DAY = 86_400_000;

class AcmeClient implements Acme {
  readonly #session: Session;
  readonly #timeoutMs: number;

  constructor(session: Session, timeoutMs: number) {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
  }

  ping(): Promise<void> {
    return this.#session.ping();
  }

  async ensureAccount(keyPem: string, contactEmail: string): Promise<string> {
    const { newAccount } = await this.#session.directory();
    const payload = { termsOfServiceAgreed: true, contact: [`mailto:${contactEmail}`] };
    return location('newAccount', await this.#session.act('newAccount', { keyPem }, newAccount, payload));
  }

  async newOrder(account: AcmeAccount, names: string[], replaces?: string): Promise<AcmeOrder> {
    const { newOrder, renewalInfo } = await this.#session.directory();
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const old = replaces && renewalInfo ? ariId(replaces) : undefined;
    const order = (payload: object) => this.#session.act('newOrder', account, newOrder, payload);
    const answer = old
      ? await order({ identifiers, replaces: old }).catch((error: unknown) => {
          if (answersNo(error)) return order({ identifiers });
          throw error;
        })
      : await order({ identifiers });
    return toOrder('newOrder', answer, location('newOrder', answer), true);
  }

  async order(account: AcmeAccount, url: string): Promise<AcmeOrder | undefined> {
    try {
      return toOrder('order', await this.#session.read('order', account, url), url, false);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async authorization(account: AcmeAccount, url: string): Promise<AcmeAuthorization> {
    const answer = await this.#session.read('authorization', account, url);
    const { identifier, status, wildcard, challenges } = parse('authorization', answer, authorizationShape, false);
    const offered = challenges.find((one) => one.type === 'dns-01');
    return {
      url,
      identifier: identifier.value,
      wildcard,
      status,
      ...(offered
        ? {
            dns01: {
              url: offered.url,
              status: offered.status,
              txt: await txtValue(account.keyPem, offered.token),
              ...(offered.error ? { error: sentence(offered.error) } : {}),
            },
          }
        : {}),
      ...wait(answer),
    };
  }

  async challengeReady(account: AcmeAccount, challengeUrl: string): Promise<void> {
    try {
      await this.#session.act('challengeReady', account, challengeUrl, {});
    } catch (error) {
      // Some CAs refuse to be told twice.
      if (!isProblem(error, 'malformed') || (await this.#challengeStatus(account, challengeUrl)) === 'pending')
        throw error;
    }
  }

  async #challengeStatus(account: AcmeAccount, url: string) {
    const answer = await this.#session.read('challenge', account, url);
    return parse('challenge', answer, challengeShape, false).status;
  }

  async finalize(account: AcmeAccount, order: AcmeOrder, csr: string): Promise<AcmeOrder> {
    const answer = await this.#session.act('finalize', account, order.finalize, { csr: csrDer(csr) });
    return toOrder('finalize', answer, order.url, true);
  }

  async certificate(account: AcmeAccount, url: string): Promise<Certificate> {
    return toCertificate(await this.#session.read('certificate', account, url));
  }

  async revoke(account: AcmeAccount, chainPem: string): Promise<void> {
    const { revokeCert } = await this.#session.directory();
    const certificate = new X509Certificate(chainPem).raw.toString('base64url');
    try {
      await this.#session.act('revoke', account, revokeCert, { certificate });
    } catch (error) {
      if (!isProblem(error, 'alreadyRevoked')) throw error;
    }
  }

  findRevoked(chains: string[]): Promise<Set<string>> {
    return findRevoked(chains, this.#timeoutMs);
  }

  async renewalWindow(chainPem: string) {
    const { renewalInfo } = await this.#session.directory();
    const id = ariId(chainPem);
    if (!renewalInfo || !id) return undefined;
    try {
      const answer = await this.#session.get('renewalWindow', `${renewalInfo.replace(/\/$/, '')}/${id}`);
      const { suggestedWindow } = parse('renewalWindow', answer, renewalShape, false);
      return { ...suggestedWindow, retryAfterMs: ariPause(answer) };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }
}

function toOrder(operation: string, answer: HttpAnswer, url: string, effect: boolean): AcmeOrder {
  const { identifiers, error, certificate, expires, ...rest } = parse(operation, answer, orderShape, effect);
  return {
    url,
    ...rest,
    identifiers: identifiers.map((one) => one.value),
    ...(certificate ? { certificate } : {}),
    ...(expires ? { expires } : {}),
    ...(error ? { error: sentence(error) } : {}),
    ...wait(answer),
  };
}

function toCertificate({ status, text: chain }: HttpAnswer): Certificate {
  try {
    const { validFrom, validTo, serialNumber } = new X509Certificate(chain);
    return { chain, notBefore: new Date(validFrom), notAfter: new Date(validTo), serial: serialNumber.toLowerCase() };
  } catch (cause) {
    const fields = { operation: 'certificate', kind: 'unavailable', detail: 'answer without a certificate' } as const;
    throw new ProviderError({ provider: 'acme', ...fields, code: String(status), cause });
  }
}

function wait(answer: HttpAnswer): { retryAfterMs?: number } {
  const ms = retryAfterMs(answer.headers, Date.now());
  return ms === undefined ? {} : { retryAfterMs: ms };
}

/** RFC 9773 4.3.2: six hours where the CA names none; anything absurd is brought into reason. */
function ariPause(answer: HttpAnswer): number {
  return Math.min(DAY, Math.max(60_000, retryAfterMs(answer.headers, Date.now()) ?? DAY / 4));
}

function location(operation: string, answer: HttpAnswer): string {
  const url = answer.headers.get('location');
  if (url) return url;
  throw new ProviderError({ provider: 'acme', operation, kind: 'unknown', detail: 'answer without a Location' });
}

const isAbsent = (error: unknown) => error instanceof ProviderError && error.kind === 'absent';

/** Whether the CA read the request and said no, whatever its words: CAs differ in how they refuse `replaces`. */
function answersNo(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  return ['refused', 'denied', 'absent', 'conflict'].includes(error.kind) || isProblem(error, 'serverInternal');
}
