import { type Directory, type Entry, LookupFailure, passwordFits } from './directory.ts';
import type { Delivered, Maildirs } from './maildirs.ts';

const CAPABILITIES = ['TOP', 'USER', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'IMPLEMENTATION mpanel-sandbox'];

type Command = (argument: string) => Promise<string> | string;

/** One POP3 session (RFC 1939): lines in, replies out. Deletions happen at QUIT and not before. */
export class Pop3Session {
  readonly #directory: Directory;
  readonly #maildirs: Maildirs;
  #user = '';
  #mails: Delivered[] = [];
  readonly #deleted = new Set<string>();
  #commands: Record<string, Command>;

  constructor(directory: Directory, maildirs: Maildirs) {
    this.#directory = directory;
    this.#maildirs = maildirs;
    this.#commands = this.#authorization();
  }

  /** The whole reply with its line ends. */
  async reply(line: string): Promise<string> {
    const [verb = '', ...rest] = line.split(' ');
    const command = this.#commands[verb.toUpperCase()];
    return `${command ? await command(rest.join(' ')) : '-ERR unknown command in this state'}\r\n`;
  }

  #authorization(): Record<string, Command> {
    return {
      CAPA: capabilities,
      QUIT: () => '+OK bye',
      USER: (name) => {
        this.#user = name;
        return '+OK';
      },
      PASS: (password) => this.#logIn(password),
    };
  }

  #transaction(): Record<string, Command> {
    return {
      CAPA: capabilities,
      NOOP: () => '+OK',
      STAT: () => `+OK ${this.#left().length} ${octets(this.#left())}`,
      LIST: (number) => this.#listing(number, ({ raw }) => String(raw.length)),
      UIDL: (number) => this.#listing(number, ({ uid }) => uid),
      RETR: (number) => this.#each(number, ({ raw }) => `+OK ${raw.length} octets\r\n${stuffed(raw)}`),
      TOP: (argument) => {
        const [number = '', lines] = argument.split(' ');
        return this.#each(number, ({ raw }) => `+OK\r\n${stuffed(top(raw, Number(lines)))}`);
      },
      DELE: (number) =>
        this.#each(number, ({ uid }) => {
          this.#deleted.add(uid);
          return '+OK marked';
        }),
      RSET: () => {
        this.#deleted.clear();
        return '+OK';
      },
      QUIT: () => {
        for (const uid of this.#deleted) this.#maildirs.remove(uid);
        return '+OK bye';
      },
    };
  }

  async #logIn(password: string): Promise<string> {
    try {
      const entry = await this.#directory.mailbox(this.#user);
      if (!(await mayEnter(entry, password))) return '-ERR [AUTH] Authentication failed.';
      this.#mails = this.#maildirs.list(entry?.maildir ?? '');
      this.#commands = this.#transaction();
      return '+OK Logged in.';
    } catch (error) {
      if (!(error instanceof LookupFailure)) throw error;
      return '-ERR [SYS/TEMP] Temporary authentication failure.';
    }
  }

  #left(): Delivered[] {
    return this.#mails.filter(({ uid }) => !this.#deleted.has(uid));
  }

  #listing(number: string, show: (mail: Delivered) => string): string {
    if (number !== '') return this.#each(number, (mail) => `+OK ${number} ${show(mail)}`);
    const lines = this.#mails.flatMap((mail, at) => (this.#deleted.has(mail.uid) ? [] : [`${at + 1} ${show(mail)}`]));
    return ['+OK', ...lines, '.'].join('\r\n');
  }

  #each(number: string, answer: (mail: Delivered) => string): string {
    const mail = this.#mails[Number(number) - 1];
    return mail && !this.#deleted.has(mail.uid) ? answer(mail) : '-ERR no such message';
  }
}

function capabilities(): string {
  return ['+OK', ...CAPABILITIES, '.'].join('\r\n');
}

async function mayEnter(entry: Entry | undefined, password: string): Promise<boolean> {
  if (!entry?.active) return false;
  return passwordFits(entry.password, password);
}

function octets(mails: Delivered[]): number {
  return mails.reduce((total, { raw }) => total + raw.length, 0);
}

function top(raw: string, lines: number): string {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  return `${head}\r\n\r\n${body.join('\r\n\r\n').split('\r\n').slice(0, lines).join('\r\n')}`;
}

/** RFC 1939 3: lines that begin with a dot get another; a lone dot ends the text. */
function stuffed(raw: string): string {
  return `${raw.replace(/\r\n$/, '').replace(/^\./gm, '..')}\r\n.`;
}
