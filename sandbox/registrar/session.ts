import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { FaultAction } from '../lib/faults.ts';
import type { StandIn } from '../lib/stand-in.ts';
import { type Command, clientTransaction, operationOf, understand } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { greeting, type Login, login } from './commands/session.ts';
import type { Context } from './context.ts';
import { frame, Unframer } from './frames.ts';
import type { Decisions } from './pending.ts';
import type { TransactionIds } from './records.ts';
import type { Registry } from './registry.ts';
import { response } from './response.ts';
import { closes, MESSAGES, Refusal, type Reply, refuse } from './result.ts';
import { transferAway } from './world.ts';
import { type Element, parse } from './xml.ts';

/** What all sessions of the server share. */
export interface House {
  self: StandIn;
  registry: Registry;
  decisions: Decisions;
  sessions: Set<Session>;
  /** Sessions that one account may have at a time. */
  limit: number;
  speed: number;
}

const IDLE_MS = 300_000;
const LOGIN_ATTEMPTS = 3;

/** One connection of a client: greeted, then answered frame by frame in order (RFC 5730 2.1). */
export class Session {
  account: string | undefined;
  readonly #house: House;
  readonly #socket: TLSSocket;
  #extensions: string[] = [];
  #failures = 0;

  constructor(house: House, socket: TLSSocket) {
    this.#house = house;
    this.#socket = socket;
    house.sessions.add(this);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => house.sessions.delete(this));
  }

  /** Speaks until the connection ends. */
  async serve(): Promise<void> {
    const hello = greeting();
    this.#socket.write(frame(hello));
    this.#house.self.log.append({ operation: 'connect', request: null, response: hello });
    const unframer = new Unframer();
    try {
      for await (const bytes of this.#socket as AsyncIterable<Buffer>)
        for (const xml of unframer.push(bytes)) await this.#answer(xml);
    } finally {
      this.#socket.destroy();
    }
  }

  cut(): void {
    this.#socket.destroy();
  }

  async #answer(xml: string): Promise<void> {
    const { faults, log } = this.#house.self;
    const root = read(xml);
    const operation = (root instanceof Refusal ? undefined : operationOf(root)) ?? 'malformed';
    const before = faults.take(operation, 'before');
    const spared = before ? await this.#strike(before) : undefined;
    const transaction = { ...client(root), server: `SBX-${crypto.randomUUID()}` };
    const reply = spared ?? (operation === 'hello' ? undefined : this.#reply(root, operation, transaction));
    const slow = faults.switched('slow', operation)?.data as { ms: number } | undefined;
    if (slow) await sleep(slow.ms);
    const after = spared ? undefined : faults.take(operation, 'after');
    const spoilt = after && (await this.#strike(after));
    if (faults.switched('cut-after-commit', operation)) this.cut();
    const answer = reply ? response(spoilt ?? reply, transaction) : greeting();
    const fault = before ?? after;
    log.append({
      operation,
      request: xml,
      response: this.#socket.destroyed ? 'connection dropped' : answer,
      ...(fault ? { fault } : {}),
    });
    if (!this.#socket.destroyed) this.#send(answer, reply);
  }

  #send(answer: string, reply: Reply | undefined): void {
    if (reply && closes(reply.code)) this.#socket.end(frame(answer));
    else this.#socket.write(frame(answer));
  }

  /** Plays a fault of the kit; `status` is an EPP result code. The reply in place of the true one, if there is one. */
  async #strike(action: FaultAction): Promise<Reply | undefined> {
    if (action.kind === 'delay') await sleep(action.ms);
    if (action.kind === 'drop') this.cut();
    if (action.kind !== 'status') return action.kind === 'drop' ? { code: 2500 } : undefined;
    return { code: action.status in MESSAGES ? action.status : 2400, reason: 'fault switched on' };
  }

  #reply(root: Element | Refusal, operation: string, transaction: TransactionIds): Reply {
    try {
      if (root instanceof Refusal) throw root;
      return this.#house.registry.atomically(() => this.#obey(understand(root), transaction));
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code, reason: error.message };
      console.error(`registrar: ${operation}`, error);
      return { code: 2400 };
    }
  }

  #obey(command: Command, transaction: TransactionIds): Reply {
    const { operation } = command;
    if (this.#switched('session-2500', operation)) refuse(2500, 'the session was ended by the server');
    if (operation === 'login') return this.#login(command.element);
    if (!this.account) refuse(2002, 'login first');
    if (operation === 'logout') return { code: 1500 };
    const context = this.#context(command, transaction, this.account);
    this.#behindTheClient(context, operation);
    const reply = COMMANDS[operation]!(context);
    return { ...this.#waiting(this.account), ...reply };
  }

  #login(element: Element): Reply {
    if (this.account) refuse(2002, 'logged in already');
    if (this.#switched('login-limit-2502', 'login')) refuse(2502, 'too many sessions');
    const { account, extensions } = this.#authenticated(element);
    const open = [...this.#house.sessions].filter((session) => session.account === account).length;
    if (open >= this.#house.limit) refuse(2502, `${open} sessions are open`);
    this.account = account;
    this.#extensions = extensions;
    return { code: 1000 };
  }

  #authenticated(element: Element): Login {
    try {
      return login(this.#house.registry, element);
    } catch (error) {
      if (error instanceof Refusal && error.code === 2200 && ++this.#failures === LOGIN_ATTEMPTS)
        refuse(2501, error.message);
      throw error;
    }
  }

  #context(command: Command, transaction: TransactionIds, account: string): Context {
    const { registry, decisions, speed } = this.#house;
    return {
      ...command,
      registry,
      account,
      transaction,
      speed,
      understands: (extension) => this.#extensions.includes(extension),
      switched: (name) => this.#switched(name, command.operation),
      decideLater: (name) => decisions.await(name),
    };
  }

  /** What happens to the domain, or the account, just before the command arrives. */
  #behindTheClient({ registry, element, switched }: Context, operation: string): void {
    if (switched('balance-empty-2104')) refuse(2104, 'the account is empty');
    if (!operation.startsWith('domain:')) return;
    const named = () => registry.domain(element.children.find((one) => one.name === 'name')?.text.toLowerCase() ?? '');
    const domain = named();
    if (!domain) return;
    if (switched('auto-renewed')) registry.renewByItself(domain);
    if (switched('transferred-away')) transferAway(registry, named()!, 'RIVAL');
  }

  /** Any answer may say that messages wait (RFC 5730 2.6). */
  #waiting(account: string): Pick<Reply, 'msgQ'> {
    const queue = this.#house.registry.queue(account);
    return queue[0] ? { msgQ: { count: queue.length, id: queue[0].id } } : {};
  }

  #switched(name: string, operation: string) {
    return this.#house.self.faults.switched(name, operation);
  }
}

function read(xml: string): Element | Refusal {
  try {
    return parse(xml);
  } catch (error) {
    return error instanceof Refusal ? error : new Refusal(2001, String(error));
  }
}

function client(root: Element | Refusal): { client?: string } {
  const id = root instanceof Refusal ? undefined : clientTransaction(root);
  return id === undefined ? {} : { client: id };
}
