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
}

export function createCustomer(ctx: Context, wish: CustomerWish): Promise<Customer> {
  if (isBuyer(ctx)) throw new AppError('FORBIDDEN', 'You may not do this.');
  return change(ctx, async ({ em, audit }) => {
    const customer = em.create(Customer, {
      id: newId(),
      tenantId: ctx.scope.tenantId,
      createdAt: new Date(),
      phone: null,
      address: null,
      ...wish,
    });
    audit('customer.created', customer.id, { name: wish.name });
    return customer;
  });
}
