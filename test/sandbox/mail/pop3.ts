import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const MULTILINE = /^(CAPA|RETR|TOP|LIST$|UIDL$)/;

/** A POP3 client: `say('STAT')` answers the reply, that of a multi-line command joined without its final dot. */
export async function pop3(address: string) {
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('connection closed');
    return String(value);
  };
  await next();
  return {
    async say(command: string): Promise<string> {
      socket.write(`${command}\r\n`);
      const reply = [await next()];
      if (MULTILINE.test(command) && reply[0]?.startsWith('+OK'))
        for (let line = await next(); line !== '.'; line = await next()) reply.push(line.replace(/^\.\./, '.'));
      return reply.join('\n');
    },
    close: () => socket.destroy(),
  };
}
