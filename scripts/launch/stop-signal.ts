/**
 * Aborts when this process is asked to stop: Ctrl-C, SIGTERM, SIGHUP, or scripts/launch.mjs gone, even by SIGKILL.
 * From the call on none of these ends the process by itself, so that each can be answered in order.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  if (process.channel) process.once('disconnect', () => stop.abort());
  return stop.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
