import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { Channel, type Endpoint } from './channel.ts';
import { hello, login, logout, readGreeting } from './commands/login.ts';
import { endsSession, isSuccess, kindOf, type Result, readResult } from './result.ts';
import { element, read, type Written, write } from './xml.ts';

export interface RegistrarConfig extends Endpoint {
  user: string;
  password: string;
  /** For one command with all it needs: its turn, connecting, logging in, the answer. */
  timeoutMs: number;
  /** A session unused for so long is tried with a hello before it is trusted with a command; default 30 s. */
  probeAfterMs?: number;
}

interface Call<T> {
  operation: string;
  command: Written;
  read: (result: Result) => T;
  /** What a lost answer means for this command. */
  lost: ProviderErrorKind;
  signal: AbortSignal;
}

const PROBE_AFTER_MS = 30_000;
const FAREWELL_MS = 1_000;
const SERVER_CLOSES = 2500;

/**
 * One EPP session, opened when it is needed and again after it ended. Registries answer a session's commands in order, so
 * that there is one at a time; the others wait for their turn. Idle sessions are left for the registry to end.
 */
export class Connection {
  readonly user: string;
  readonly #config: RegistrarConfig;
  #channel: Channel | undefined;
  #usedAt = 0;
  #turns: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(config: RegistrarConfig) {
    this.#config = config;
    this.user = config.user;
  }

  /** A command that changes nothing: a lost answer is `unavailable`. */
  query<T>(operation: string, command: Written, read: (result: Result) => T): Promise<T> {
    return this.#queue({ operation, command, read, lost: 'unavailable' });
  }

  /** A command with an effect: an answer lost after it was sent is `unknown`. */
  execute<T>(operation: string, command: Written, read: (result: Result) => T): Promise<T> {
    return this.#queue({ operation, command, read, lost: 'unknown' });
  }

  /** Ends the session after the command that is under way; those still waiting are not sent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inTurn(() => this.#farewell());
  }

  #queue<T>(call: Omit<Call<T>, 'signal'>): Promise<T> {
    const signal = AbortSignal.timeout(this.#config.timeoutMs);
    return this.#inTurn(() => this.#perform({ ...call, signal }));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    // The next one's turn comes whatever became of this one, whose outcome its caller has.
    this.#turns = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  async #perform<T>(call: Call<T>): Promise<T> {
    if (this.#closed) throw failure(call.operation, 'unavailable', 'the connection is closed');
    if (call.signal.aborted) throw failure(call.operation, 'busy', 'no turn within the deadline');
    const first = await this.#exchange(call);
    // 2500 tells that the command failed and the session is over: it may be asked anew in another session, once.
    const result = first.code === SERVER_CLOSES ? await this.#exchange(call) : first;
    if (!isSuccess(result.code)) throw refusal(call.operation, kindOf(result.code), result);
    try {
      return call.read(result);
    } catch (cause) {
      throw failure(call.operation, call.lost, `unreadable answer: ${String(cause)}`, cause);
    }
  }

  async #exchange<T>({ operation, command, lost, signal }: Call<T>): Promise<Result> {
    const request = asRequest(operation, command);
    const channel = await this.#session(operation, signal);
    try {
      return await this.#ask(channel, request, signal);
    } catch (cause) {
      channel.close();
      throw failure(operation, lost, `no answer: ${String(cause)}`, cause);
    }
  }

  async #ask(channel: Channel, { xml, transaction }: Request, signal: AbortSignal): Promise<Result> {
    channel.write(xml);
    const result = readResult(await channel.read(signal));
    if ((result.clientTransaction ?? transaction) !== transaction)
      throw new Error('the answer belongs to another command');
    if (endsSession(result.code)) channel.close();
    this.#usedAt = Date.now();
    return result;
  }

  /** A session that is logged in; nothing of the command has been sent yet when this fails. */
  async #session(operation: string, signal: AbortSignal): Promise<Channel> {
    if (await this.#isUsable(signal)) return this.#channel!;
    let channel: Channel | undefined;
    try {
      channel = await Channel.open(this.#config, signal);
      const services = readGreeting(read(await channel.read(signal)));
      const result = await this.#ask(
        channel,
        asRequest(operation, login(this.user, this.#config.password, services)),
        signal,
      );
      if (!isSuccess(result.code)) throw loginRefusal(operation, result);
    } catch (cause) {
      channel?.close();
      if (cause instanceof ProviderError) throw cause;
      throw failure(operation, 'unavailable', `no session: ${String(cause)}`, cause);
    }
    this.#channel = channel;
    return channel;
  }

  async #isUsable(signal: AbortSignal): Promise<boolean> {
    const channel = this.#channel;
    if (!channel?.isOpen) return false;
    if (Date.now() - this.#usedAt < (this.#config.probeAfterMs ?? PROBE_AFTER_MS)) return true;
    try {
      channel.write(write(hello()));
      readGreeting(read(await channel.read(signal)));
    } catch {
      // The registry has ended the session meanwhile, which it may; the next one takes its place.
      channel.close();
    }
    return channel.isOpen;
  }

  async #farewell(): Promise<void> {
    const channel = this.#channel;
    if (!channel?.isOpen) return;
    try {
      await this.#ask(channel, asRequest('close', logout()), AbortSignal.timeout(FAREWELL_MS));
    } catch {
      // A courtesy: without it the registry ends the session when the connection closes.
    }
    channel.close();
  }
}

interface Request {
  xml: string;
  /** clTRID: the answer bears it again. */
  transaction: string;
}

function asRequest(operation: string, command: Written): Request {
  const transaction = `MP-${crypto.randomUUID()}`;
  try {
    return { transaction, xml: write(element('command', [command, element('clTRID', transaction)])) };
  } catch (cause) {
    throw failure(operation, 'refused', String(cause), cause);
  }
}

/** Whatever the registry has against our login, the command is not to blame and was not sent. */
function loginRefusal(operation: string, result: Result): ProviderError {
  const kind = kindOf(result.code);
  return refusal(operation, kind === 'busy' ? kind : 'denied', { ...result, message: `login: ${result.message}` });
}

const refusal = (operation: string, kind: ProviderErrorKind, { code, message }: Result) =>
  new ProviderError({ provider: 'registrar', operation, kind, code: String(code), detail: `${code} ${message}` });

/** A failure that is not the registry's word. */
export const failure = (operation: string, kind: ProviderErrorKind, detail: string, cause?: unknown, code?: string) =>
  new ProviderError({ provider: 'registrar', operation, kind, detail, cause, ...(code === undefined ? {} : { code }) });

/** Whether the registry answered with one of these result codes. */
export const answered = (error: unknown, ...codes: number[]): error is ProviderError =>
  error instanceof ProviderError && codes.includes(Number(error.code));
