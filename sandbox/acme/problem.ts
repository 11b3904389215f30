import type { Reply } from '../lib/http.ts';

/** RFC 8555 6.7: what a client is told when something goes wrong; `type` without its urn prefix. */
export interface ProblemDocument {
  type: string;
  detail: string;
  status: number;
  [more: string]: unknown;
}

/** Thrown anywhere while answering a request; becomes its answer. */
export class Problem extends Error {
  readonly document: ProblemDocument;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    type: string,
    detail: string,
    more: { fields?: object; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.document = { type: `urn:ietf:params:acme:error:${type}`, detail, status, ...more.fields };
    this.headers = more.headers ?? {};
  }

  reply(): Reply {
    const headers = { 'content-type': 'application/problem+json', ...this.headers };
    return { status: this.document.status, headers, body: this.document };
  }
}

export const malformed = (detail: string) => new Problem(400, 'malformed', detail);
export const unauthorized = (detail: string) => new Problem(403, 'unauthorized', detail);
export const notFound = (detail: string) => new Problem(404, 'malformed', detail);
