import { DemoFailure } from '../failure.ts';
import { type Lines, openLines } from './lines.ts';

/** Logs in to a mailbox by POP3 (RFC 1939) and reads every mail in it, header and text as they lie there. */
export async function readMailbox(address: string, user: string, password: string): Promise<string[]> {
  const lines = openLines(address);
  try {
    await ok(lines, 'the greeting');
    await command(lines, `USER ${user}`);
    await command(lines, `PASS ${password}`, 'PASS');
    const count = Number((await command(lines, 'STAT')).split(' ')[1]);
    const mails: string[] = [];
    for (let number = 1; number <= count; number++) {
      await command(lines, `RETR ${number}`);
      mails.push(await text(lines));
    }
    await command(lines, 'QUIT');
    return mails;
  } finally {
    lines.close();
  }
}

async function command(lines: Lines, line: string, shown = line): Promise<string> {
  lines.send(line);
  return ok(lines, shown);
}

async function ok(lines: Lines, what: string): Promise<string> {
  const reply = await lines.next();
  if (!reply.startsWith('+OK')) throw new DemoFailure(`POP3 answers ${what} with ${reply}`);
  return reply;
}

/** Ends with a lone dot; a line that begins with one has another before it. */
async function text(lines: Lines): Promise<string> {
  const read: string[] = [];
  for (let line = await lines.next(); line !== '.'; line = await lines.next()) read.push(line.replace(/^\.\./, '.'));
  return read.join('\n');
}
