import type { z } from 'zod';
import type { Customer, Tenant, User } from '../../../../db/entities/index.ts';
import type * as schemas from '../schemas/index.ts';

export function presentTenant({ id, name, status, createdAt }: Tenant): z.infer<typeof schemas.Tenant> {
  return { id, name, status, createdAt: createdAt.toISOString() };
}

export function presentSignedIn({ id, name, email, roles, tenantId }: User) {
  return { id, name, email, roles, tenantId };
}

export function presentSession({ token, refreshToken, user }: { token: string; refreshToken: string; user: User }) {
  return { token, refreshToken, user: presentSignedIn(user) };
}

export function presentUser(user: User): z.infer<typeof schemas.User> {
  const { customerId, permissions, status, createdAt } = user;
  return {
    ...presentSignedIn(user),
    customerId: customerId ?? null,
    permissions,
    status,
    createdAt: createdAt.toISOString(),
  };
}

export function presentCustomer(customer: Customer): z.infer<typeof schemas.Customer> {
  const { id, tenantId, name, email, phone, address, vatId, vatStatus, status, createdAt } = customer;
  return {
    id,
    tenantId,
    name,
    email,
    phone: phone ?? null,
    address: address ?? null,
    vatId: vatId ?? null,
    vatStatus: vatStatus ?? null,
    status,
    createdAt: createdAt.toISOString(),
  };
}
