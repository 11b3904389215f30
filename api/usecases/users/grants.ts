import { AppError, invalid } from '../../../core/app-error.ts';
import { holds, isPermission, isTenantPermission, permissionsOf } from '../../../core/permissions.ts';
import type { User } from '../../../db/entities/index.ts';
import { findCustomer } from '../../../db/queries/customers.ts';
import type { Context } from '../../context.ts';

export interface Grants {
  roles?: readonly string[] | undefined;
  permissions?: readonly string[] | undefined;
}

/** Nobody gives what they do not have, by a role as little as by a permission. */
export function checkGrants(ctx: Context, { roles = [], permissions = [] }: Grants): void {
  for (const [index, permission] of permissions.entries())
    if (!isTenantPermission(permission)) throw invalid(['permissions', index], 'there is no such permission');
  const beyond = beyondOf(ctx, roles, permissions);
  if (beyond) throw new AppError('FORBIDDEN', `You may not give ${beyond}.`);
}

/** Whoever may do more than the caller is not theirs to change, or they would sign in as them. */
export function checkReach(ctx: Context, { roles, permissions }: User): void {
  if (beyondOf(ctx, roles, permissions)) throw new AppError('FORBIDDEN', 'This login may do more than you.');
}

/** Something that these come to and the caller does not have. */
function beyondOf({ caller }: Context, roles: readonly string[], granted: readonly string[]): string | undefined {
  if (roles.includes('platform_admin') && !caller.roles.includes('platform_admin')) return 'platform_admin';
  const all = new Set([...permissionsOf(roles, granted), ...granted.filter(isTenantPermission)]);
  return [...all].find((permission) => !isPermission(permission) || !holds(caller.permissions, permission));
}

/** A customer's login is bound to its customer, and nobody else's is. */
export async function checkBinding(ctx: Context, roles: readonly string[], customerId: string | null): Promise<void> {
  const isCustomer = roles.includes('customer');
  if (isCustomer && roles.length > 1) throw invalid(['roles'], 'customer stands alone');
  if (isCustomer !== (customerId !== null))
    throw invalid(['customerId'], 'is needed for the role customer, and only there');
  if (customerId && !(await findCustomer(ctx.em, ctx.scope, customerId)))
    throw invalid(['customerId'], 'there is no such customer');
}
