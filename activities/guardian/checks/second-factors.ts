import { User } from '../../../db/entities/index.ts';
import { hasSecondFactor } from '../../../db/queries/second-factors.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

const CHIEFS = ['platform_admin', 'admin'];
const OPERATORS = [...CHIEFS, 'staff', 'reseller'];

/**
 * Logins that act for the house and open with a password alone. One without a password comes in by its OpenID provider,
 * whose business a second factor is then; one that has both can leave the provider out.
 */
export function secondFactors(deps: Pick<Deps, 'em'>): Check {
  async function look({ id, email, roles }: User): Promise<SeenWeakness[]> {
    if (await hasSecondFactor(deps.em(), id)) return [];
    const severity = roles.some((role) => CHIEFS.includes(role)) ? 'high' : 'medium';
    const text = `${email} signs in with a password alone.`;
    return [{ kind: 'user_password_alone', severity, text, evidence: { email, roles } }];
  }

  return checkOf(deps, {
    name: 'second_factors',
    resourceType: 'user',
    entity: User,
    where: { status: 'active', passwordHash: { $ne: null }, roles: { $overlap: OPERATORS } },
    nameOf: ({ email }) => email,
    look,
  });
}
