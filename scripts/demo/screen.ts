/** Where the demo writes: lines that stay, and in a terminal lines below them that change. */
export interface Screen {
  line(text: string): void;
  /** What is under way; replaces what was shown before. Nothing where nobody watches. */
  live(lines: string[]): void;
  /** Whether `live` shows anything. */
  readonly isLive: boolean;
}

type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

export function createScreen(output: Output): Screen {
  let shown = 0;
  const wipe = () => {
    // Up over the lines that change, and clear from there to the end of the screen (ECMA-48 CPL, ED).
    if (shown) output.write(`\x1b[${shown}F\x1b[J`);
    shown = 0;
  };
  const isLive = output.isTTY === true;
  let last: string[] = [];
  function live(lines: string[]): void {
    last = lines;
    if (!isLive) return;
    wipe();
    // A line that wraps would count as two.
    const fits = lines.map((text) => text.slice(0, (output.columns ?? 80) - 1));
    if (fits.length) output.write(`${fits.join('\n')}\n`);
    shown = fits.length;
  }
  return {
    isLive,
    live,
    line(text) {
      wipe();
      output.write(`${text}\n`);
      live(last);
    },
  };
}
