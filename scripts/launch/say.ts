export type Say = (line: string) => void;

/** Does something that may take long: a line when it takes more than a second, then what `state` says every ten. */
export async function saying<T>(say: Say, label: string, work: Promise<T>, state: () => string = () => ''): Promise<T> {
  const since = Date.now();
  let spoken = false;
  const first = setTimeout(() => {
    spoken = true;
    say(`${label} …`);
  }, 1000);
  const tick = setInterval(() => say(`  … ${seconds(since)} ${state()}`.trimEnd()), 10_000);
  try {
    const result = await work;
    if (spoken) say(`${label}: done in ${seconds(since)}`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(tick);
  }
}

const seconds = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
