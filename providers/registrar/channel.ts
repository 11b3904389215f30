import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { encodeFrame, FrameDecoder } from './frame.ts';

export interface Endpoint {
  host: string;
  port: number;
  /** PEM of the certificates to trust; the system's where absent. */
  ca?: string;
}

/** Frames over one TLS connection. An answer that comes too late ends the channel, lest it be taken for the next one. */
export class Channel {
  readonly #socket: TLSSocket;
  readonly #decoder = new FrameDecoder();
  readonly #frames: string[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => this.#accept(piece));
    socket.on('error', (error) => this.#end(error));
    socket.on('end', () => this.#end(new Error('connection closed by the registry')));
    socket.on('close', () => this.#end(new Error('connection closed')));
  }

  /** Rejects where no verified TLS connection came about. */
  static open({ host, port, ca }: Endpoint, signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    return new Promise((done, fail) => {
      const socket = connect({ host, port, ...(ca ? { ca } : {}), ...(isIP(host) ? {} : { servername: host }) });
      const give = (error: unknown) => {
        socket.destroy();
        fail(error);
      };
      const late = () => give(signal.reason);
      signal.addEventListener('abort', late, { once: true });
      socket.once('error', give);
      socket.once('secureConnect', () => {
        signal.removeEventListener('abort', late);
        const channel = new Channel(socket);
        socket.off('error', give);
        done(channel);
      });
    });
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  write(xml: string): void {
    this.#socket.write(encodeFrame(xml));
  }

  /** The next frame. Rejects, and ends the channel, when it breaks or the signal comes first. */
  async read(signal: AbortSignal): Promise<string> {
    const late = () => this.#end(signal.reason as Error);
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
    while (this.#frames.length === 0 && !this.#failure) await new Promise<void>((wake) => (this.#wake = wake));
    signal.removeEventListener('abort', late);
    const frame = this.#frames.shift();
    if (frame === undefined) throw this.#failure;
    return frame;
  }

  close(): void {
    this.#end(new Error('connection closed by us'));
  }

  #accept(piece: Buffer): void {
    try {
      this.#frames.push(...this.#decoder.decode(piece));
      this.#wake?.();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #end(reason: Error): void {
    this.#failure ??= reason;
    this.#socket.destroy();
    this.#wake?.();
  }
}
