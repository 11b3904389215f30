import { expect, test } from '@jest/globals';
import { AuditEvent, User } from '../../db/entities/index.ts';
import { startApi } from '../api/support.ts';

// The name of the change lay in the caller's chain and the change itself in the new tenant's: two events of one thing.

test('a new tenant and its administrator are told of once each, in the tenant’s own chain', async () => {
  const api = await startApi();
  try {
    const body = { name: 'Elsewhere', administrator: { name: 'Ann', email: 'ann@example.com' } };
    const { body: tenant } = await api.admin('POST', '/api/tenants', { body });
    const em = api.orm.em.fork();
    const user = await em.findOneOrFail(User, { email: body.administrator.email });
    const told = async (resourceId: string) =>
      (await em.find(AuditEvent, { resourceId })).map(({ action, tenantId, metadata, after }) => ({
        ...{ action, metadata, after },
        own: tenantId === tenant.id,
      }));
    expect(await told(tenant.id)).toEqual([
      {
        action: 'tenant.created',
        metadata: { name: 'Elsewhere' },
        after: expect.objectContaining({ status: 'active' }),
        own: true,
      },
    ]);
    expect(await told(user.id)).toEqual([
      {
        action: 'user.created',
        metadata: { roles: ['admin'] },
        after: expect.objectContaining({ name: 'Ann' }),
        own: true,
      },
    ]);
  } finally {
    await api.close();
  }
});
