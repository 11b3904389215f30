/** One line of the table. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  aim?: { most: number } | { least: number };
  /** What lies behind the value. */
  detail?: string;
}

export interface Measured {
  figures: Figure[];
  /** Tables of where time goes, by title: rows of numbers by name. */
  costs?: Record<string, Record<string, number>>;
  /** What came out wrong, in words: any of it fails the run. */
  wrong?: string[];
}

export function meets({ value, aim }: Figure): boolean | undefined {
  if (!aim) return undefined;
  return 'most' in aim ? value <= aim.most : value >= aim.least;
}
