import type { Platform } from './platform.ts';

/** For whoever started a platform: its mode, its addresses, and what its parts have to say. */
export function summary(platform: Platform, env: NodeJS.ProcessEnv): string {
  const { api, workers, temporal, sandbox } = platform.parts();
  const rows: [string, unknown][] = [
    ['API', api?.url],
    ['API docs', api?.docsUrl],
    ['Metrics', api?.metricsUrl],
    ['Workers', workers?.url],
    ['Temporal UI', temporal?.uiUrl],
    ['Sandbox control', sandbox?.controlUrl],
    ...Object.entries((sandbox?.urls ?? {}) as Record<string, Record<string, string>>).flatMap(([part, urls]) =>
      Object.entries(urls).map(([label, url]): [string, string] => [`  ${part}: ${label}`, url]),
    ),
    ['Everything', `${platform.dataDir}/run.json`],
  ];
  const shown = rows.filter(([, address]) => address);
  const width = Math.max(...shown.map(([label]) => label.length));
  const mode =
    env.MPANEL_MODE === 'live' ? 'live' : 'sandbox: stand-ins play what is not configured, nothing here is real';
  return [
    `Mode: ${mode}`,
    ...shown.map(([label, address]) => `${label.padEnd(width)}  ${address}`),
    ...platform.notices,
  ].join('\n');
}
