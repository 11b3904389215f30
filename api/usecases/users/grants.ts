import { AppError, invalid } from '../../../core/app-error.ts';
import { may, TENANT_PERMISSIONS } from '../../../core/permissions.ts';
import { findCustomer } from '../../../db/queries/customers.ts';
import type { Context } from '../../context.ts';

export interface Grants {
  roles?: readonly string[] | undefined;
  permissions?: readonly string[] | undefined;
}

/** Nobody gives what they do not have: a tenant's administrator makes no platform administrator. */
export function checkGrants(ctx: Context, { roles = [], permissions = [] }: Grants): void {
  const { caller } = ctx;
  if (roles.includes('platform_admin') && !caller.roles.includes('platform_admin'))
    throw new AppError('FORBIDDEN', 'Only a platform administrator may make another one.');
  if (roles.includes('admin') && !caller.permissions.includes('*'))
    throw new AppError('FORBIDDEN', 'Only an administrator may make another one.');
  for (const [index, permission] of permissions.entries()) {
    const known = TENANT_PERMISSIONS.find((name) => name === permission);
    if (!known) throw invalid(['permissions', index], 'there is no such permission');
    if (!may(caller.permissions, known)) throw new AppError('FORBIDDEN', `You may not give ${known}.`);
  }
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
