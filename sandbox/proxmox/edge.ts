import { createServer as createWeb } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { liveAddress } from './agent.ts';
import { type Guest, nameOf } from './guest.ts';
import type { World } from './world.ts';

/** What a guest should show to the world at one port of its address. */
interface Wanted {
  address: string;
  port: number;
  /** What its web server has loaded; without: something else listens. */
  web?: NonNullable<Guest['served']>;
}

interface Face {
  vmid: string;
  wanted: Wanted;
  close(): Promise<void>;
}

function facesOf(guest: Guest | undefined, webPort: number): Wanted[] {
  const address = guest && guest.kind === 'qemu' && !guest.running?.paused ? liveAddress(guest)?.address : undefined;
  if (!guest || !address?.startsWith('127.')) return [];
  const all = [
    ...(guest.served ? [{ address, port: webPort, web: guest.served }] : []),
    ...(guest.listening ?? []).map((port) => ({ address, port })),
  ];
  return all.filter(({ port }) => !isDropped(guest, port));
}

/** What its firewall lets nobody through to: the first rule about a port decides. */
function isDropped({ firewall: { options, rules } }: Guest, port: number): boolean {
  if (options.enable !== '1') return false;
  const about = rules.find(
    ({ type, enable, proto, dport }) => type === 'in' && enable === '1' && proto === 'tcp' && dport === String(port),
  );
  return about !== undefined && about.action !== 'ACCEPT';
}

/** OpenSSL speaks what is older than TLS 1.2 only where it is told to care for nothing. */
const speaking = (oldest: NonNullable<Guest['served']>['oldest']) =>
  oldest ? { minVersion: oldest, ciphers: 'DEFAULT:@SECLEVEL=0' } : {};

/**
 * The guests as the outside sees them: a running VM whose address lies on loopback and whose web server has a
 * certificate answers HTTPS there, on the port that all guests share; and on what else listens in it, unless its firewall
 * drops that.
 */
export class Edges {
  readonly #world: World;
  readonly #port: number;
  /** By guest and port. */
  readonly #faces = new Map<string, Face>();
  readonly #troubles = new Map<string, { vmid: string; error: string }>();
  #turn: Promise<void> = Promise.resolve();

  constructor(world: World, port: number) {
    this.#world = world;
    this.#port = port;
  }

  /** Brings listeners in line with the guests touched since the last time, one caller after the other. */
  follow(): Promise<void> {
    if (this.#world.stirred.size) this.#turn = this.#turn.then(() => this.#catchUp());
    return this.#turn;
  }

  async #catchUp(): Promise<void> {
    for (const vmid of this.#world.stirred) {
      this.#world.stirred.delete(vmid);
      await this.#one(vmid);
    }
  }

  async #one(vmid: string): Promise<void> {
    const guest = this.#world.guests.get(vmid);
    const wanted = new Map(facesOf(guest, this.#port).map((face) => [`${vmid}/${face.port}`, face]));
    const same = (face: Face, want: Wanted | undefined) => JSON.stringify(face.wanted) === JSON.stringify(want);
    for (const [key, face] of [...this.#faces])
      if (face.vmid === vmid && !same(face, wanted.get(key))) await this.#hide(key, face);
    for (const key of [...this.#troubles.keys()]) if (key.startsWith(`${vmid}/`)) this.#troubles.delete(key);
    for (const [key, face] of wanted) if (guest && !this.#faces.has(key)) await this.#show(key, guest, face);
  }

  async #show(key: string, guest: Guest, wanted: Wanted): Promise<void> {
    const { vmid } = guest;
    try {
      const server = wanted.web ? this.#webServer(guest, wanted.web) : createServer();
      const sockets = new Set<Socket>();
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      });
      await new Promise<void>((done, fail) => server.once('error', fail).listen(wanted.port, wanted.address, done));
      this.#faces.set(key, { vmid, wanted, close: () => closing(server, sockets) });
    } catch (error) {
      // Two guests with one address: the second one stays unheard until the first is gone.
      this.#troubles.set(key, { vmid, error: (error as Error).message });
    }
  }

  #webServer(guest: Guest, { key, cert, oldest }: NonNullable<Guest['served']>) {
    return createWeb({ key, cert, ...speaking(oldest) }, (_request, response) => {
      const name = nameOf(this.#world.guests.get(guest.vmid) ?? guest);
      response.writeHead(200, { 'content-type': 'text/plain' }).end(`${name}\n`);
    });
  }

  async #hide(key: string, face: Face): Promise<void> {
    this.#faces.delete(key);
    await face.close();
    for (const { vmid } of this.#troubles.values()) this.#world.stirred.add(vmid);
  }

  list() {
    const shown = [...this.#faces.values()].map(({ vmid, wanted: { address, port } }) => ({ vmid, address, port }));
    return [...shown, ...this.#troubles.values()];
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const [key, face] of [...this.#faces]) await this.#hide(key, face);
  }
}

async function closing(server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  for (const socket of sockets) socket.destroy();
  await closed;
}
