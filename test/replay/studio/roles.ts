import { paidEvent, postEvent } from '../../e2e/stage/webhook.ts';
import { HttpRefusal, type Page, signIn } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import type { WorkflowType } from '../paths.ts';
import { type Begun, PATIENCE_MS, type Studio } from './index.ts';

/** How a job of one type comes about. */
export interface Role {
  type: WorkflowType;
  /** Makes what it needs, while everything works; answers how to begin it, which answers the job's id. */
  ready(studio: Studio): Promise<() => Promise<string>>;
  /** What its path is called where nothing goes wrong; `happy` unless given. */
  path?: string;
}

const jobId = ({ job }: Begun) => job.id;

/** An add-on for a CloudPod that runs; its id once it is delivered, or what it is begun by. */
async function addon(studio: Studio, sku: string, type: WorkflowType) {
  const wish = studio.addon(sku, await studio.runningPod(sku === 'ADDON-IP' ? 'CPOD-CT' : 'CPOD-MINI'));
  return async () => {
    const { order, invoice } = await studio.place(wish);
    await studio.paid(invoice.id);
    return studio.jobOf(type, order.items[0]?.resourceId ?? '');
  };
}

async function mailbox(studio: Studio) {
  const { id: domainId } = await studio.ownDomain();
  const wish = { domainId, planProductId: studio.product('MAIL-START') };
  await studio.done(await studio.admin.post<Begun>('/email/domains', wish));
  return () =>
    studio.admin.post<Begun & { mailbox: { id: string } }>('/email/mailboxes', {
      ...{ domainId, localPart: 'support', password: 'First-password-1', quotaMb: 100 },
    });
}

async function certificate(studio: Studio) {
  const targetId = await studio.runningPod();
  const { hostname } = await studio.admin.get<{ hostname: string }>(`/cloudpods/${targetId}`);
  return () =>
    studio.admin.post<Begun & { certificate: { id: string } }>('/ssl/certificates', { domain: hostname, targetId });
}

/** The tenant's Guardian looks at everything, once nobody else has it do so. */
async function scan({ admin }: Studio): Promise<string> {
  await admin.post('/guardian/instance', {});
  const begin = () =>
    admin.post<Begun>('/guardian/scan', {}).catch((error: unknown) => {
      if (error instanceof HttpRefusal && error.code === 'JOB_RUNNING') return undefined;
      throw error;
    });
  return jobId(await until('a scan', begin, PATIENCE_MS));
}

export const ROLES: readonly Role[] = [
  {
    type: 'cloudpod_provision',
    async ready({ admin, buyer, product, name }) {
      const wish = { customerId: buyer.id, productId: product('CPOD-MINI'), name: name().split('.')[0] };
      return async () => jobId(await admin.post<Begun>('/cloudpods', wish));
    },
  },
  {
    type: 'cloudpod_suspend',
    async ready(studio) {
      const id = await studio.runningPod('CPOD-CT');
      return async () => jobId(await studio.admin.post<Begun>(`/cloudpods/${id}/suspend`));
    },
  },
  {
    type: 'cloudpod_unsuspend',
    async ready(studio) {
      const id = await studio.runningPod('CPOD-CT');
      await studio.done(await studio.admin.post<Begun>(`/cloudpods/${id}/suspend`));
      return async () => jobId(await studio.admin.post<Begun>(`/cloudpods/${id}/unsuspend`));
    },
  },
  {
    type: 'cloudpod_delete',
    async ready(studio) {
      const id = await studio.runningPod();
      return async () => jobId(await studio.admin.send<Begun>('DELETE', `/cloudpods/${id}`));
    },
  },
  { type: 'addon_ip', ready: (studio) => addon(studio, 'ADDON-IP', 'addon_ip') },
  { type: 'addon_disk', ready: (studio) => addon(studio, 'ADDON-DISK-20', 'addon_disk') },
  { type: 'addon_backup', ready: (studio) => addon(studio, 'BACKUP-DAILY', 'addon_backup') },
  {
    type: 'addon_remove',
    async ready(studio) {
      const order = await studio.delivered(studio.addon('ADDON-IP', await studio.runningPod('CPOD-CT')));
      const id = order.items[0]?.resourceId ?? '';
      return async () => {
        await studio.cancelSubscription(id, false);
        return studio.jobOf('addon_remove', id);
      };
    },
  },
  {
    type: 'domain_register',
    async ready({ admin, buyer, name }) {
      const wish = { customerId: buyer.id, domain: name(), years: 1 };
      return async () => jobId(await admin.post<Begun>('/domains/register', wish));
    },
  },
  {
    type: 'domain_renew',
    async ready(studio) {
      const { id } = await studio.ownDomain();
      return async () => jobId(await studio.admin.post<Begun>(`/domains/${id}/renew`, { years: 1 }));
    },
  },
  {
    type: 'dns_apply',
    async ready(studio) {
      const { id } = await studio.ownDomain();
      const { items } = await studio.admin.get<{ items: { id: string }[] }>(`/dns/zones?domainId=${id}`);
      const record = { type: 'A', name: 'api', content: '10.1.10.50', ttl: 300 };
      return async () => jobId(await studio.admin.post<Begun>(`/dns/zones/${items[0]?.id}/records`, record));
    },
  },
  {
    type: 'email_attach',
    async ready(studio) {
      const wish = { domainId: (await studio.ownDomain()).id, planProductId: studio.product('MAIL-START') };
      return async () => jobId(await studio.admin.post<Begun>('/email/domains', wish));
    },
  },
  {
    type: 'email_detach',
    async ready(studio) {
      const order = await studio.delivered(studio.mail((await studio.ownDomain()).name));
      const id = order.items[0]?.resourceId ?? '';
      return async () => {
        await studio.cancelSubscription(id, false);
        return studio.jobOf('email_detach', id);
      };
    },
  },
  {
    type: 'mailbox_create',
    async ready(studio) {
      const create = await mailbox(studio);
      return async () => jobId(await create());
    },
  },
  {
    type: 'mailbox_update',
    async ready(studio) {
      const made = await studio.done(await (await mailbox(studio))());
      const change = { password: 'Second-password-2' };
      return async () =>
        (await studio.admin.send<{ jobId: string }>('PUT', `/email/mailboxes/${made.mailbox.id}`, change)).jobId;
    },
  },
  {
    type: 'mailbox_delete',
    async ready(studio) {
      const made = await studio.done(await (await mailbox(studio))());
      return async () => jobId(await studio.admin.send<Begun>('DELETE', `/email/mailboxes/${made.mailbox.id}`));
    },
  },
  {
    type: 'certificate_issue',
    async ready(studio) {
      const request = await certificate(studio);
      return async () => jobId(await request());
    },
  },
  {
    type: 'certificate_renew',
    async ready(studio) {
      const made = await studio.done(await (await certificate(studio))());
      return async () => jobId(await studio.admin.post<Begun>(`/ssl/certificates/${made.certificate.id}/renew`));
    },
  },
  {
    type: 'invoice_refund',
    async ready(studio) {
      const { order, invoice } = await studio.place(studio.domain(studio.name()));
      await studio.pay(invoice.id);
      await studio.ended(order.id, PATIENCE_MS);
      return async () => {
        await studio.setStatus(invoice.id, 'refunded');
        return studio.jobOf('invoice_refund', invoice.id);
      };
    },
  },
  {
    type: 'vat_check',
    async ready({ admin, buyer, jobOf }) {
      return async () => {
        await admin.send('PUT', `/customers/${buyer.id}`, { vatId: `DE${Date.now() % 100_000_000}1` });
        return jobOf('vat_check', buyer.id);
      };
    },
  },
  {
    type: 'payment_settle',
    path: 'late',
    async ready(studio) {
      const { order, invoice } = await studio.place(studio.domain(studio.name()));
      await studio.pay(invoice.id);
      await studio.ended(order.id, PATIENCE_MS);
      // Not known to be through with: so it is looked at again.
      await studio.sql(`update checkout_session set status = 'open' where invoice_id = $1`, [invoice.id]);
      return async () => {
        await postEvent(studio.stage, paidEvent(`evt_${studio.name()}`, invoice.id));
        return studio.jobOf('payment_settle', order.id);
      };
    },
  },
  {
    type: 'guardian_scan',
    ready: async (studio) => () => scan(studio),
  },
  {
    type: 'guardian_remediate',
    async ready(studio) {
      const pod = await studio.runningPod();
      const [guest] = await studio.sql<{ vmid: number }>('select vmid from instance where id = $1', [pod]);
      await studio.outside.act('proxmox', 'open-port', { vmid: guest?.vmid, port: 6379 });
      await studio.over(await scan(studio));
      const { items } = await studio.admin.get<Page<{ id: string }>>(
        `/guardian/findings?check=ports&resourceId=${pod}`,
      );
      const path = '/guardian/remediations';
      const { id } = await studio.admin.post<{ id: string }>(`${path}/request`, { findingId: items[0]?.id });
      await studio.admin.post(`${path}/${id}/approve-tenant`);
      const login = { email: `${studio.name()}@mpanel.test`, password: 'another long password' };
      await studio.admin.post('/users', { ...login, name: 'P', roles: ['platform_admin'] });
      const second = await signIn(studio.platform.url, login);
      return async () => jobId(await second.post<Begun>(`${path}/${id}/approve-platform`));
    },
  },
  {
    type: 'order_fulfil',
    async ready(studio) {
      const domain = studio.name();
      const pod = studio.pod(`www.${domain}`, { addons: ['ADDON-IP'] });
      return async () => {
        const { order, invoice } = await studio.place(studio.domain(domain), studio.mail(domain), pod);
        await studio.pay(invoice.id);
        return order.jobId;
      };
    },
  },
];
