import { type Say, saying } from '../launch/say.ts';
import { addressRecord } from './proofs/address-record.ts';
import { certificate } from './proofs/certificate.ts';
import { domain } from './proofs/domain.ts';
import { guest } from './proofs/guest.ts';
import { mailbox } from './proofs/mailbox.ts';
import { payment } from './proofs/payment.ts';
import type { Proof, Subject } from './proofs/proof.ts';
import { welcome } from './proofs/welcome.ts';

const PROOFS: Record<string, Proof> = {
  guest,
  domain,
  'A record': addressRecord,
  certificate,
  mailbox,
  'welcome mail': welcome,
  payment,
};

export interface Verdict {
  proof: string;
  holds: boolean;
  /** What was seen, or what is wrong. */
  evidence: string;
}

/** Looks from outside at everything that was bought, one proof after the other, and says of each how it went. */
export async function proveAll(subject: Subject, say: Say = () => {}): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [name, proof] of Object.entries(PROOFS)) {
    const verdict = await saying(say, `  … ${name}`, judge(name, proof, subject));
    say(`  ${verdict.holds ? '✓' : '✗'} ${name.padEnd(12)}  ${verdict.evidence}`);
    verdicts.push(verdict);
  }
  return verdicts;
}

async function judge(proof: string, look: Proof, subject: Subject): Promise<Verdict> {
  try {
    return { proof, holds: true, evidence: await look(subject) };
  } catch (error) {
    return { proof, holds: false, evidence: (error as Error).message };
  }
}
