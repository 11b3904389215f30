const HEADER = 4;
const LARGEST = 1 << 20;

/** One data unit: four bytes of length that count themselves, then the XML (RFC 5734 section 4). */
export function frame(xml: string): Buffer {
  const body = Buffer.from(xml, 'utf8');
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(body.length + HEADER);
  return Buffer.concat([header, body]);
}

/** Cuts a byte stream into data units. Throws on a length that no client means. */
export class Unframer {
  #rest = Buffer.alloc(0);

  *push(bytes: Buffer): Generator<string> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEADER) {
      const length = this.#rest.readUInt32BE();
      if (length <= HEADER || length > LARGEST) throw new RangeError(`a data unit of ${length} bytes`);
      if (this.#rest.length < length) return;
      yield this.#rest.subarray(HEADER, length).toString('utf8');
      this.#rest = this.#rest.subarray(length);
    }
  }
}
