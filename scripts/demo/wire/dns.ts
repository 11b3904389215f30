import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { DemoFailure } from '../failure.ts';

const TIMEOUT_MS = 3000;
const TRIES = 3;

/** Addresses of a name, as the DNS server `host:port` answers over UDP. */
export async function askA(server: string, name: string): Promise<string[]> {
  return (await ask(server, name, 'A')).flatMap((answer) => (answer.type === 'A' ? [answer.data] : []));
}

/** Mail exchangers of a domain, the preferred first. */
export async function askMx(server: string, name: string): Promise<string[]> {
  const answers = (await ask(server, name, 'MX')).flatMap((answer) => (answer.type === 'MX' ? [answer.data] : []));
  return answers.sort((a, b) => (a.preference ?? 0) - (b.preference ?? 0)).map(({ exchange }) => exchange);
}

/** Throws DemoFailure unless the server answers with authority (AA) that it is so. */
async function ask(server: string, name: string, type: 'A' | 'MX'): Promise<Answer[]> {
  const answer = (await overUdp(server, name, type)) as DecodedPacket & { rcode: string };
  const where = `${server} over UDP: ${name} ${type}`;
  if (answer.rcode !== 'NOERROR') throw new DemoFailure(`${where}: ${answer.rcode}`);
  if (!answer.flag_aa) throw new DemoFailure(`${where}: answered without authority`);
  return answer.answers ?? [];
}

function overUdp(server: string, name: string, type: 'A' | 'MX'): Promise<DecodedPacket> {
  const [host = '', port] = server.split(':');
  const id = randomInt(65_536);
  const question = packet.encode({ type: 'query', id, questions: [{ name, type, class: 'IN' }] });
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const send = () => socket.send(question);
    const again = setInterval(send, TIMEOUT_MS / TRIES);
    const deadline = setTimeout(() => end(() => reject(silence())), TIMEOUT_MS);
    const silence = () => new DemoFailure(`${server} does not answer over UDP`);
    function end(settle: () => void): void {
      clearInterval(again);
      clearTimeout(deadline);
      socket.close();
      settle();
    }
    socket.connect(Number(port), host, send);
    socket.on('error', () => end(() => reject(silence())));
    socket.on('message', (bytes) => {
      const answer = packet.decode(bytes);
      if (answer.id === id) end(() => resolve(answer));
    });
  });
}
