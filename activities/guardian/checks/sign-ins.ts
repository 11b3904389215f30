import { User } from '../../../db/entities/index.ts';
import { failedSignIns } from '../../../db/queries/sign-ins.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

/** More than somebody who has forgotten a password, in a day. */
const MANY = 10;
const TOO_MANY = 50;

/** Logins whose password somebody tries, as the audit log tells it. */
export function signIns(deps: Pick<Deps, 'em'>): Check {
  async function look({ id, tenantId, email }: User): Promise<SeenWeakness[]> {
    const { count, addresses, last } = await failedSignIns(deps.em(), tenantId, id);
    if (count < MANY) return [];
    const text = `${count} attempts to sign in as ${email} have failed within a day.`;
    return [
      {
        kind: 'sign_in_failures',
        severity: count < TOO_MANY ? 'medium' : 'high',
        text,
        evidence: { count, addresses, last },
      },
    ];
  }

  return checkOf(deps, {
    name: 'sign_ins',
    resourceType: 'user',
    entity: User,
    where: { status: 'active' },
    nameOf: ({ email }) => email,
    look,
  });
}
