import { readdirSync, readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';
import type { LogEntry } from '../../sandbox/lib/log.ts';

const folder = new URL('../data/epp-xsd/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.xsd'))
  .map((fileName) => ({ fileName, contents: readFileSync(new URL(fileName, folder), 'utf8') }));

/** For each frame what the schemas of RFC 5730–5733, 5910 and 3915 have against it; '' for a good one. */
export async function schemaErrors(frames: readonly string[]): Promise<string[]> {
  const { errors } = await validateXML({
    xml: frames.map((contents, at) => ({ fileName: `frame-${at}.xml`, contents })),
    schema: files.filter(({ fileName }) => fileName === 'all.xsd'),
    preload: files.filter(({ fileName }) => fileName !== 'all.xsd'),
    maxMemoryPages: 2048,
  });
  const verdicts = frames.map(() => '');
  for (const { loc, message } of errors) {
    const at = /^frame-(\d+)\.xml$/.exec(loc?.fileName ?? '')?.[1];
    if (at !== undefined) verdicts[Number(at)] ||= message;
  }
  return verdicts;
}

/** Every frame in a stand-in's log, both directions. */
export function framesOf(log: readonly LogEntry[]): string[] {
  return log
    .flatMap(({ request, response }) => [request, response])
    .filter((frame): frame is string => typeof frame === 'string' && frame.startsWith('<'));
}
