import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';

const EPP = 'xmlns="urn:ietf:params:xml:ns:epp-1.0"';
export const OBJECTS = ['domain', 'contact', 'host']
  .map((name) => `<objURI>urn:ietf:params:xml:ns:${name}-1.0</objURI>`)
  .join('');
export const EXTENSIONS = `<svcExtension>${['secDNS-1.1', 'rgp-1.0'].map((name) => `<extURI>urn:ietf:params:xml:ns:${name}</extURI>`).join('')}</svcExtension>`;

export const epp = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?><epp ${EPP}>${inner}</epp>`;
export const command = (inner: string) => epp(`<command>${inner}<clTRID>TEST-1</clTRID></command>`);
export const login = (user: string, password: string, more = '') =>
  command(
    `<login><clID>${user}</clID><pw>${password}</pw>${more}<options><version>1.0</version><lang>en</lang></options>` +
      `<svcs>${OBJECTS}${EXTENSIONS}</svcs></login>`,
  );

/** `<verb><kind:verb>…` with the namespace declared; `inner` writes its elements with the prefix. */
export const object = (kind: string, verb: string, inner: string, attributes = '') =>
  `<${verb}${attributes}><${kind}:${verb} xmlns:${kind}="urn:ietf:params:xml:ns:${kind}-1.0">${inner}</${kind}:${verb}></${verb}>`;

/** A client that knows nothing but frames: what is sent is what the test wrote. */
export async function dial(env: Record<string, string>) {
  const socket = connect({ host: env.EPP_HOST!, port: Number(env.EPP_PORT), ca: readFileSync(env.EPP_CA!) });
  let bytes = Buffer.alloc(0);
  let wake = () => {};
  socket.on('data', (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    wake();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => wake());
  async function receive(): Promise<string> {
    while (bytes.length < 4 || bytes.length < bytes.readUInt32BE()) {
      if (socket.readableEnded || socket.destroyed) throw new Error('connection closed');
      await new Promise<void>((done) => (wake = done));
    }
    const length = bytes.readUInt32BE();
    const xml = bytes.toString('utf8', 4, length);
    bytes = bytes.subarray(length);
    return xml;
  }
  return {
    greeting: await receive(),
    async send(xml: string): Promise<string> {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(Buffer.byteLength(xml) + 4);
      socket.write(Buffer.concat([header, Buffer.from(xml)]));
      return receive();
    },
    /** Sends a command and answers the result code. */
    async code(inner: string): Promise<number> {
      return codeOf(await this.send(command(inner)));
    },
    close: () => socket.destroy(),
  };
}

export type Client = Awaited<ReturnType<typeof dial>>;

export const codeOf = (xml: string) => Number(/<result code="(\d+)"/.exec(xml)?.[1]);

export async function loggedIn(
  env: Record<string, string>,
  user = env.EPP_USER!,
  password = env.EPP_PASSWORD!,
): Promise<Client> {
  const client = await dial(env);
  const answer = await client.send(login(user, password));
  if (codeOf(answer) !== 1000) throw new Error(answer);
  return client;
}
