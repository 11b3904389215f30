import type { LogEntry } from '../../sandbox/lib/log.ts';
import { validateLogged } from '../../sandbox/proxmox/validate.ts';
import { framesOf, schemaErrors } from './epp-schemas.ts';
import { replay } from './stripe-mock.ts';

/** Frames that the XML checker is given at a time: it keeps them all in memory. */
const AT_ONCE = 500;

/**
 * What the genuine system would have against the log of its stand-in, in words: EPP frames both ways by the schemas of the
 * RFCs, requests to Proxmox by its own parameter check, those to Stripe by stripe-mock.
 */
export const OBJECTIONS: Record<string, (log: LogEntry[]) => Promise<string[]>> = {
  async registrar(log) {
    const frames = [...new Set(framesOf(log).map(withoutTransaction))];
    const found: string[] = [];
    for (let at = 0; at < frames.length; at += AT_ONCE) {
      const verdicts = await schemaErrors(frames.slice(at, at + AT_ONCE));
      found.push(...verdicts.flatMap((error, nth) => (error ? [`${error}: ${frames[at + nth]}`] : [])));
    }
    return found;
  },
  async proxmox(log) {
    const checked = log.map((entry) => ({ entry, verdict: validateLogged(entry) }));
    const refused = checked.filter(({ verdict }) => !verdict || verdict.errors);
    return refused.map(({ entry, verdict }) => `${entry.operation}: ${JSON.stringify(verdict?.errors ?? 'unknown')}`);
  },
  async stripe(log) {
    const refused = log.length ? await replay(log) : [];
    return refused.map(({ operation, status, answer }) => `${operation}: ${status} ${answer}`);
  },
};

/** Alike but for the ids of their transaction, frames are judged alike. */
const withoutTransaction = (frame: string) => frame.replace(/<(clTRID|svTRID)>[^<]*</g, '<$1>ABC-12345<');

/**
 * @param expected objections that a test is after
 * @throws with what the genuine system objects to besides
 */
export async function mustBeGenuine(system: string, log: LogEntry[], expected?: RegExp): Promise<void> {
  const found = (await OBJECTIONS[system]?.(log)) ?? [];
  const objections = found.filter((objection) => !expected?.test(objection));
  if (objections.length)
    throw new Error(
      `the genuine ${system} would not have it (${objections.length}):\n${objections.slice(0, 10).join('\n')}`,
    );
}
