import type { EntityManager } from '@mikro-orm/postgresql';
import type { CheckName, Severity, WeaknessKind } from '../../core/guardian.ts';
import { newId } from '../../runtime/ids.ts';
import { GuardianFinding } from '../entities/index.ts';
import { set } from './entity.ts';

export interface SeenWeakness {
  kind: WeaknessKind;
  /** What tells two of a kind at one thing apart. */
  key?: string;
  severity: Severity;
  text: string;
  evidence: Record<string, unknown>;
}

/** A kind of which nothing could be seen, and why: what is known of it stays as it is. */
export interface Unjudged {
  kind: WeaknessKind;
  missed: string;
}

/** One thing that a check came by. */
export interface Look {
  id: string;
  name: string;
  weaknesses: SeenWeakness[];
  /** Why it could not be looked at, or not at all of it: what is known of that stays as it is. */
  missed?: string;
  /** The kinds that were missed, where others were not. */
  unjudged?: WeaknessKind[];
}

interface Whose {
  tenantId: string;
  scanId: string;
  check: CheckName;
  resourceType: string;
}

/** What makes it the same weakness again. */
export const fingerprintOf = (resourceId: string, { kind, key }: Pick<SeenWeakness, 'kind' | 'key'>) =>
  [kind, resourceId, ...(key === undefined ? [] : [key])].join('/');

/** Writes down what was seen: new, seen again, open again, or not seen any more. One writer per tenant and check at a time. */
export async function keepLooks(tx: EntityManager, whose: Whose, looks: Look[]): Promise<void> {
  const { tenantId, check, scanId } = whose;
  const resourceId = { $in: looks.map(({ id }) => id) };
  const known = await tx.find(GuardianFinding, { tenantId, check, resourceId }, { refresh: true });
  for (const finding of known) finding.scanId = scanId;
  for (const look of looks) {
    const { id, missed, unjudged } = look;
    if (missed !== undefined && !unjudged) continue;
    const own = known.filter(({ resourceId, kind }) => resourceId === id && !unjudged?.includes(kind));
    keepLook(tx, whose, look, new Map(own.map((finding) => [finding.fingerprint, finding])));
  }
}

/** @param known what is known of it, by fingerprint */
function keepLook(
  tx: EntityManager,
  whose: Whose,
  { id, name, weaknesses }: Look,
  known: Map<string, GuardianFinding>,
) {
  const now = new Date();
  const open = { subject: name, lastSeenAt: now, state: 'open' as const, resolvedAt: null };
  for (const weakness of weaknesses) {
    const { key: _, ...seen } = weakness;
    const fingerprint = fingerprintOf(id, weakness);
    const finding = known.get(fingerprint);
    known.delete(fingerprint);
    if (finding) tx.assign(finding, { ...seen, ...open });
    else
      tx.persist(
        tx.create(GuardianFinding, {
          id: newId(),
          ...whose,
          ...seen,
          ...open,
          fingerprint,
          resourceId: id,
          createdAt: now,
        }),
      );
  }
  for (const gone of known.values()) if (gone.state === 'open') tx.assign(gone, { state: 'resolved', resolvedAt: now });
}

/** What a whole scan did not come by is not there any more. */
export async function resolveGone(
  tx: EntityManager,
  tenantId: string,
  check: CheckName,
  scanId: string,
): Promise<void> {
  await tx.flush();
  const gone = { tenantId, check, state: 'open' as const, scanId: { $ne: scanId } };
  await set(tx, GuardianFinding, gone, { state: 'resolved', resolvedAt: new Date() });
}
