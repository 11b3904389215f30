import { AppError } from '../../../core/app-error.ts';
import type { Customer } from '../../../db/entities/index.ts';
import { lockCustomer } from '../../../db/queries/customers.ts';
import type { Context } from '../../context.ts';
import { isBuyer, seen } from '../access.ts';
import { change, given } from '../change.ts';
import { type CustomerWish, vatFields } from './create.ts';

type Changes = { [K in keyof CustomerWish]?: CustomerWish[K] | undefined } & {
  status?: Customer['status'] | undefined;
};

/** Customers keep their own data up to date; only the house suspends them. */
export function updateCustomer(ctx: Context, id: string, changes: Changes): Promise<Customer> {
  return change(ctx, async ({ em, audit, start }) => {
    const customer = seen(ctx, await lockCustomer(em, ctx.scope, id));
    if (isBuyer(ctx) && changes.status) throw new AppError('FORBIDDEN', 'You may not change the status.');
    const renumbered = changes.vatId !== undefined && changes.vatId !== (customer.vatId ?? null);
    em.assign(customer, { ...given(changes), ...(renumbered ? vatFields(changes.vatId) : {}) });
    if (renumbered && changes.vatId) start({ type: 'vat_check', targetId: id, customerId: id });
    audit('customer.updated', id, { fields: Object.keys(changes) });
    return customer;
  });
}
