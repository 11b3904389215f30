import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Deps } from '../../activities/deps.ts';
import { renewalActivities } from '../../activities/renewals.ts';
import { ProviderError } from '../../core/errors.ts';
import { openAsOwner } from '../../db/config.ts';
import { Customer, Invoice, Notification, SystemEvent, Tenant } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let orm: MikroORM;
beforeAll(async () => {
  database = await freshDatabase();
  orm = await openAsOwner({ url: database.url, pool: 4 });
});
afterAll(async () => {
  await orm.close(true);
  await database.drop();
});

test('a mail about a renewal that is refused for good does not hold up the billing; operators see it', async () => {
  const em = orm.em.fork();
  const [tenantId, customerId, subscriptionId, invoiceId] = Array.from({ length: 4 }, newId) as [
    string, string, string, string,
  ]; // biome-ignore format: a row
  await em.insert(Tenant, { id: tenantId, name: 'host' });
  await em.insert(Customer, { id: customerId, tenantId, name: 'Ann', email: 'gone@example.com' });
  const money = { currency: 'USD', subtotal: 999, tax: 0, total: 999 };
  await em.insert(Invoice, { id: invoiceId, tenantId, customerId, subscriptionId, ...money });
  const mail = { recipient: 'gone@example.com', subject: 'Invoice', text: 'Pay.' };
  await em.insert(Notification, { id: newId(), tenantId, key: `due/${invoiceId}`, ...mail });
  let sent = 0;
  const send = async () => {
    sent++;
    throw new ProviderError({ provider: 'smtp', operation: 'send', kind: 'refused', detail: '550 no such user' });
  };
  const deps = { em: () => orm.em.fork(), mailer: { send } } as unknown as Deps;
  const { sendRenewalMail } = renewalActivities(deps);
  const ref = { targetId: subscriptionId, tenantId } as StepRef;
  await sendRenewalMail(ref);
  await sendRenewalMail(ref);
  expect(sent).toBe(1);
  expect(await orm.em.fork().findOneOrFail(Notification, { tenantId })).toMatchObject({
    sentAt: null,
    refusal: '550 no such user',
  });
  const shown = await orm.em.fork().findOneOrFail(SystemEvent, { type: 'mail.refused' });
  expect(shown.message).toContain('gone@example.com');
});
