import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import type { StandIn } from '../../../sandbox/lib/stand-in.ts';

/**
 * A door before a PostgreSQL at which every commit passes the fault switches and the request log of a stand-in, as the
 * calls of the others do. Operations: "write <table>" for a statement that commits by itself, "commit <tables>" for the
 * end of a transaction. Cut before: it is rolled back. Cut after: it is committed and nobody is told. A `status` is the
 * server's own refusal: its body has the SQLSTATE and the message.
 */
export async function openGate(self: StandIn, url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    new Passage(self, client, behind);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export interface Refusal {
  /** SQLSTATE */
  code: string;
  message: string;
}

/** What goes ahead of a statement in the same message (db/scoped-connections.ts): a begin, who acts, and the scope. */
const AHEAD = /^(begin\b[^;]*; )?(?:select set_config\([^;]*; )*/;

/** One connection. The client asks one thing at a time, so that what comes back belongs to what went last. */
class Passage {
  readonly #self: StandIn;
  readonly #client: Socket;
  readonly #behind: Socket;
  #started = false;
  #asked = Buffer.alloc(0);
  #answered = Buffer.alloc(0);
  #sql = '';
  #inTransaction = false;
  readonly #written = new Set<string>();
  #passing: string | undefined;
  #swallow = false;
  #refusal: Refusal | undefined;

  constructor(self: StandIn, client: Socket, behind: Socket) {
    this.#self = self;
    this.#client = client;
    this.#behind = behind;
    client.on('data', (bytes) => this.#ask(bytes as Buffer));
    behind.on('data', (bytes) => this.#answer(bytes as Buffer));
    for (const socket of [client, behind]) {
      socket.on('error', () => this.#end());
      socket.on('close', () => this.#end());
    }
  }

  #end(): void {
    this.#client.destroy();
    this.#behind.destroy();
  }

  #ask(bytes: Buffer): void {
    this.#asked = Buffer.concat([this.#asked, bytes]);
    for (let size = this.#size(this.#asked, this.#started); size; size = this.#size(this.#asked, this.#started)) {
      const message = this.#asked.subarray(0, size);
      this.#asked = this.#asked.subarray(size);
      const goesOn = this.#started ? this.#admit(message) : message;
      if (goesOn === 'cut') {
        this.#end();
        return;
      }
      this.#started = true;
      if (goesOn) this.#behind.write(goesOn);
    }
  }

  /** Bytes of the first whole message; 0 where it has not all come. The first of a connection has no type (v3 protocol). */
  #size(bytes: Buffer, typed: boolean): number {
    const head = typed ? 1 : 0;
    if (bytes.length < head + 4) return 0;
    const size = head + bytes.readInt32BE(head);
    return bytes.length < size ? 0 : size;
  }

  /** What goes on instead of the message; nothing of what is being refused does. */
  #admit(message: Buffer): Buffer | 'cut' | undefined {
    const type = String.fromCharCode(message[0] ?? 0);
    if (this.#refusal) return type === 'S' ? this.#refuse() : undefined;
    if (type !== 'Q' && type !== 'P') return message;
    this.#sql = type === 'Q' ? message.toString('utf8', 5, message.length - 1) : parsed(message);
    const [ahead, begins] = AHEAD.exec(this.#sql) ?? [''];
    if (begins) this.#inTransaction = true;
    const operation = this.#operation(this.#sql.slice(ahead.length).trim());
    if (!operation) return message;
    const fault = this.#self.faults.take(operation, 'before');
    if (fault) {
      const how = fault.kind === 'status' ? 'refused' : 'connection dropped';
      this.#self.log.append({ operation, request: this.#sql, response: `rolled back, ${how}` });
      if (fault.kind !== 'status') return 'cut';
      this.#refusal = fault.body as Refusal;
      // The answer to it is kept back, and the refusal told in its place.
      if (this.#inTransaction) return typed('Q', text('rollback'));
      return type === 'Q' ? this.#refuse() : undefined;
    }
    this.#passing = operation;
    this.#swallow = this.#self.faults.take(operation, 'after') !== undefined;
    return message;
  }

  /** ErrorResponse and ReadyForQuery. */
  #refuse(): undefined {
    const { code, message } = this.#refusal!;
    this.#refusal = undefined;
    const fields = [`SERROR`, `VERROR`, `C${code}`, `M${message}`].map(text);
    this.#client.write(typed('E', Buffer.concat([...fields, Buffer.alloc(1)])));
    this.#client.write(typed('Z', Buffer.from('I')));
  }

  #operation(sql: string): string | undefined {
    const table = /^(?:with \w+ as \()?(?:insert into|update|delete from) "?(\w+)"?/i.exec(sql)?.[1];
    if (table && !this.#inTransaction) return `write ${table}`;
    if (table) this.#written.add(table);
    return /^commit$/i.test(sql) ? `commit ${[...this.#written].sort().join('+') || 'nothing'}` : undefined;
  }

  #answer(bytes: Buffer): void {
    this.#answered = Buffer.concat([this.#answered, bytes]);
    if (!this.#swallow && !this.#refusal) this.#client.write(bytes);
    for (let size = this.#size(this.#answered, true); size; size = this.#size(this.#answered, true)) {
      const message = this.#answered.subarray(0, size);
      this.#answered = this.#answered.subarray(size);
      if (String.fromCharCode(message[0] ?? 0) === 'Z') this.#ready(String.fromCharCode(message[5] ?? 0));
    }
  }

  /** ReadyForQuery: what was asked is done. */
  #ready(state: string): void {
    this.#inTransaction = state !== 'I';
    if (!this.#inTransaction) this.#written.clear();
    if (this.#refusal) this.#refuse();
    if (!this.#passing) return;
    const response = this.#swallow ? 'done, connection dropped' : 'done';
    this.#self.log.append({ operation: this.#passing, request: this.#sql, response });
    this.#passing = undefined;
    if (this.#swallow) this.#end();
  }
}

function typed(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Parse: the statement's name, then its text, each ended by a zero byte. */
function parsed(message: Buffer): string {
  const name = message.indexOf(0, 5);
  return message.toString('utf8', name + 1, message.indexOf(0, name + 1));
}
