import { join, resolve } from 'node:path';
import { countByKey, resealBatch } from '../../db/queries/secrets.ts';
import { keyRing } from '../../runtime/config.ts';
import { createSeal, type Seal } from '../../runtime/seal.ts';
import { ROOT } from '../launch/context.ts';
import { readJson } from '../launch/files.ts';
import { freshKey, renewSealKey, type Secrets, secretsFile } from '../launch/secrets.ts';
import { type Command, type Desk, Refusal } from './command.ts';

/** Rows of one transaction. */
const BATCH = 200;

const dataDir = ({ config }: Desk) => resolve(ROOT, config.DATA_DIR);

const newKey: Command = {
  name: 'secrets new-key',
  synopsis: '',
  about: 'Makes a fresh seal key; what the one before has sealed stays readable. docs/secrets.md says what comes next.',
  async run(desk) {
    const { SEAL_KEY, SEAL_KEYS_OTHER } = desk.config;
    if (readJson<Secrets>(secretsFile(dataDir(desk)))?.SEAL_KEY !== SEAL_KEY)
      return [
        'Give these to every process, and keep both apart from the database:',
        `SEAL_KEY=${freshKey()}`,
        `SEAL_KEYS_OTHER=${[SEAL_KEY, ...SEAL_KEYS_OTHER].join(',')}`,
        'Then: npm run admin -- secrets rotate',
      ].join('\n');
    renewSealKey(dataDir(desk));
    return `There is a new seal key in ${secretsFile(dataDir(desk))}. Start mpanel again, then: npm run admin -- secrets rotate`;
  },
};

const rotate: Command = {
  name: 'secrets rotate',
  synopsis: '',
  about:
    'Seals every secret with SEAL_KEY that another key has sealed. May run beside the platform, be cut off and run again.',
  async run(desk) {
    const seal = createSeal(keyRing(desk.config));
    mustHaveStartedSince(desk);
    let resealed = 0;
    for (let took = BATCH; took > 0; resealed += took) took = await resealBatch(desk.em.fork(), seal, BATCH);
    return answer(seal, resealed, await countByKey(desk.em));
  },
};

/** Processes that were started before the key was made could not open what is sealed with it. */
function mustHaveStartedSince(desk: Desk): void {
  const kept = readJson<Secrets>(secretsFile(dataDir(desk)));
  const run = readJson<{ startedAt: string }>(join(dataDir(desk), 'run.json'));
  if (run && kept?.SEAL_KEY === desk.config.SEAL_KEY && run.startedAt < kept.SEAL_KEY_SINCE)
    throw new Refusal('mpanel was started before the new key was made and does not know it: start it again first');
}

function answer(seal: Seal, resealed: number, counts: Map<string, number>): string {
  const unknown = [...counts].filter(([keyId]) => !seal.knows(keyId));
  if (unknown.length)
    throw new Refusal(
      `${unknown.map(([keyId, count]) => `${count} secrets are sealed with the key ${keyId}`).join(', ')}, which is neither SEAL_KEY nor in SEAL_KEYS_OTHER`,
    );
  const others = seal.otherKeyIds.filter((keyId) => !counts.has(keyId));
  return [
    `Sealed ${resealed} secrets anew; all ${counts.get(seal.keyId) ?? 0} are sealed with the key ${seal.keyId}.`,
    ...(others.length
      ? [`Histories in Temporal may still need the key ${others.join(' and ')}: docs/secrets.md says how long.`]
      : []),
  ].join('\n');
}

export const secretCommands: readonly Command[] = [newKey, rotate];
