import { hash, verify } from '@node-rs/argon2';

// OWASP password storage cheat sheet: argon2id with 19 MiB, two passes, one lane.
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** PHC string of argon2id. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let decoy: Promise<string> | undefined;

/** A login nobody has takes as long as a wrong password: both run the hash. */
export async function passwordMatches(phc: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password');
  const matches = await verify(phc ?? (await decoy), password);
  return matches && phc !== null && phc !== undefined;
}
