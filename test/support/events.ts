/** A server-sent event as a browser would dispatch it. */
export interface ServerEvent {
  id: string | undefined;
  event: string;
  data: unknown;
}

export interface EventStream {
  status: number;
  headers: Headers;
  /** All that came so far, comments included. */
  text(): string;
  /** The next so many events; fewer where the stream ends. */
  take(count: number): Promise<ServerEvent[]>;
  /** All that still come until it ends. */
  rest(): Promise<ServerEvent[]>;
  /** Goes away. */
  close(): void;
}

/** Opens a stream of server-sent events. */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const leave = new AbortController();
  const response = await fetch(url, { headers, signal: leave.signal });
  let text = '';
  const events = parse();

  async function* parse(): AsyncGenerator<ServerEvent> {
    let open = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      open += chunk;
      for (let end = open.indexOf('\n\n'); end >= 0; end = open.indexOf('\n\n')) {
        const event = eventOf(open.slice(0, end));
        open = open.slice(end + 2);
        if (event) yield event;
      }
    }
  }

  async function take(count: number): Promise<ServerEvent[]> {
    const taken: ServerEvent[] = [];
    while (taken.length < count) {
      const { done, value } = await events.next();
      if (done) break;
      taken.push(value);
    }
    return taken;
  }

  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    take,
    rest: () => take(Number.POSITIVE_INFINITY),
    close: () => leave.abort(),
  };
}

/** Undefined for what has no data: comments, retry hints. */
function eventOf(block: string): ServerEvent | undefined {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const data = field('data');
  return data === undefined
    ? undefined
    : { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(data) };
}
