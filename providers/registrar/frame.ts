const HEADER = 4;
/** More than any answer of a registry; a larger length means that we lost our place in the stream. */
const LARGEST = 4 * 2 ** 20;

/** RFC 5734 section 4: total length in four bytes, network order, itself included. */
export function encodeFrame(xml: string): Buffer {
  const length = HEADER + Buffer.byteLength(xml);
  const frame = Buffer.alloc(length);
  frame.writeUInt32BE(length);
  frame.write(xml, HEADER);
  return frame;
}

/** Puts frames together from the pieces that a stream delivers. Throws RangeError on an impossible length. */
export class FrameDecoder {
  #pieces: Buffer[] = [];
  #size = 0;

  /** The frames that this piece completes, as text. */
  decode(piece: Buffer): string[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    const frames: string[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): string | undefined {
    if (this.#size < HEADER) return undefined;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const length = bytes.readUInt32BE();
    if (length <= HEADER || length > LARGEST) throw new RangeError(`EPP frame of ${length} bytes`);
    this.#pieces = bytes.length < length ? [bytes] : [bytes.subarray(length)];
    if (bytes.length < length) return undefined;
    this.#size -= length;
    return bytes.toString('utf8', HEADER, length);
  }
}
