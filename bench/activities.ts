import type { Platform } from '../scripts/launch/platform.ts';

const SUM = /^mpanel_activity_attempt_seconds_sum\{activity="(\w+)",outcome="\w+"\} ([\d.e+-]+)$/gm;

/** Seconds spent so far in attempts of each activity, local ones included; from the workers' metrics. */
export async function activitySeconds(platform: Platform): Promise<Record<string, number>> {
  const text = await (await fetch(String(platform.parts().workers?.metricsUrl))).text();
  const seconds: Record<string, number> = {};
  for (const [, activity = '', value] of text.matchAll(SUM))
    seconds[activity] = (seconds[activity] ?? 0) + Number(value);
  return seconds;
}
