/** A request that PowerDNS answers with 422 and this sentence, whatever the Accept header says. */
export class Refused extends Error {}

/** A request that ends with a bare HTTP status; its body depends on the Accept header. */
export class Status extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}
