import { createServer, type Server } from 'node:https';
import { liveAddress } from './agent.ts';
import { type Guest, nameOf } from './guest.ts';
import type { World } from './world.ts';

interface Face {
  vmid: string;
  address: string;
  cert: string;
  server: Server;
}

/** What a guest should show to the world: its address and what its web server has loaded. */
function faceOf(guest: Guest | undefined) {
  const address = guest && guest.kind === 'qemu' && !guest.running?.paused ? liveAddress(guest)?.address : undefined;
  return address?.startsWith('127.') && guest?.served ? { address, ...guest.served } : undefined;
}

/**
 * The guests as the outside sees them: a running VM whose address lies on loopback and whose web server has a
 * certificate answers HTTPS there, on the port that all guests share.
 */
export class Edges {
  readonly #world: World;
  readonly #port: number;
  readonly #faces = new Map<string, Face>();
  readonly #troubles = new Map<string, string>();
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
    const wanted = faceOf(guest);
    const shown = this.#faces.get(vmid);
    if (shown && shown.address === wanted?.address && shown.cert === wanted.cert) return;
    if (shown) await this.#hide(vmid, shown);
    this.#troubles.delete(vmid);
    if (guest && wanted) await this.#show(guest, wanted);
  }

  async #show(guest: Guest, { address, key, cert }: { address: string; key: string; cert: string }): Promise<void> {
    const { vmid } = guest;
    try {
      const server = createServer({ key, cert }, (_request, response) => {
        const name = nameOf(this.#world.guests.get(vmid) ?? guest);
        response.writeHead(200, { 'content-type': 'text/plain' }).end(`${name}\n`);
      });
      await new Promise<void>((done, fail) => server.once('error', fail).listen(this.#port, address, done));
      this.#faces.set(vmid, { vmid, address, cert, server });
    } catch (error) {
      // Two guests with one address: the second one stays unheard until the first is gone.
      this.#troubles.set(vmid, (error as Error).message);
    }
  }

  async #hide(vmid: string, { server }: Face): Promise<void> {
    this.#faces.delete(vmid);
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
    for (const waiting of this.#troubles.keys()) this.#world.stirred.add(waiting);
  }

  list() {
    const shown = [...this.#faces.values()].map(({ vmid, address }) => ({ vmid, address, port: this.#port }));
    return [...shown, ...[...this.#troubles].map(([vmid, error]) => ({ vmid, error }))];
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const [vmid, face] of [...this.#faces]) await this.#hide(vmid, face);
  }
}
