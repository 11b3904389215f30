import { AppError } from '../../../core/app-error.ts';
import type { Address } from '../../../core/catalog.ts';
import { Customer } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Context } from '../../context.ts';
import { isBuyer } from '../access.ts';
import { change } from '../change.ts';

export interface CustomerWish {
  name: string;
  email: string;
  phone?: string | undefined;
  address?: Address | undefined;
  vatId?: string | null | undefined;
}

export function createCustomer(ctx: Context, wish: CustomerWish): Promise<Customer> {
  if (isBuyer(ctx)) throw new AppError('FORBIDDEN', 'You may not do this.');
  return change(ctx, async ({ em, audit, start }) => {
    const customer = em.create(Customer, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      createdAt: new Date(),
      phone: null,
      address: null,
      ...wish,
      ...vatFields(wish.vatId),
    });
    if (wish.vatId) start({ type: 'vat_check', targetId: customer.id, customerId: customer.id });
    audit('customer.created', customer.id, { name: wish.name });
    return customer;
  });
}

/** A number that VIES has yet to be asked about, which is what the job that is started with it does. */
export function vatFields(vatId: string | null | undefined): Pick<Customer, 'vatId' | 'vatStatus' | 'vatSince'> {
  return vatId
    ? { vatId, vatStatus: 'unchecked', vatSince: new Date() }
    : { vatId: null, vatStatus: null, vatSince: null };
}
