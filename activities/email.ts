import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { Refused } from '../core/errors.ts';
import { type DnsZone, EmailDomain, Mailbox } from '../db/entities/index.ts';
import { audit } from '../db/queries/audit.ts';
import { all, get, set } from '../db/queries/entity.ts';
import { keepSecret, openSecret } from '../db/queries/secrets.ts';
import { relativeName, type WantedRecord, zoneOf } from '../db/queries/zone-records.ts';
import type { StepActivities } from '../workflows/contract.ts';
import { deliverItem } from './delivery.ts';
import type { Deps } from './deps.ts';
import { zoneWriter } from './zone-writer.ts';

const TTL = 3600;
const makeKeys = promisify(generateKeyPair);

export function emailActivities(deps: Deps) {
  const zones = zoneWriter(deps);

  /** The DKIM key (RFC 6376; RSA 2048, which every receiver knows) is made once and kept before anything shows it. */
  async function dkim(domain: EmailDomain): Promise<{ secretId: string; publicKey: string }> {
    if (domain.dkimSecretId && domain.dkimPublicKey)
      return { secretId: domain.dkimSecretId, publicKey: domain.dkimPublicKey };
    const keys = await makeKeys('rsa', { modulusLength: 2048 });
    const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return deps.em().transactional(async (tx) => {
      const secretId = keepSecret(tx, deps.seal, domain.tenantId, 'DKIM key', privateKey);
      await tx.flush();
      await set(tx, EmailDomain, { id: domain.id }, { dkimSecretId: secretId, dkimPublicKey: publicKey });
      return { secretId, publicKey };
    });
  }

  async function writeDomain(domain: EmailDomain, active: boolean): Promise<void> {
    const { secretId } = await dkim(domain);
    const privateKeyPem = await openSecret(deps.em(), deps.seal, secretId);
    await deps.mailhost.ensureDomain(domain.name, { active, dkim: { selector: domain.dkimSelector, privateKeyPem } });
  }

  function records(domain: EmailDomain, zone: DnsZone, publicKey: string): WantedRecord[] {
    const at = (prefix: string) => relativeName(`${prefix}${domain.name}`, zone.name);
    const txt = (name: string, content: string) => ({ type: 'TXT', name, content, ttl: TTL });
    return [
      { type: 'MX', name: at(''), content: deps.config.MAIL_MX_HOST, priority: 10, ttl: TTL },
      txt(at(''), `v=spf1 mx a:${deps.config.MAIL_MX_HOST} -all`),
      txt(at(`${domain.dkimSelector}._domainkey.`), `v=DKIM1; k=rsa; p=${publicKey}`),
      txt(at('_dmarc.'), 'v=DMARC1; p=none'),
    ];
  }

  async function writeMailbox(mailbox: Mailbox, active: boolean): Promise<void> {
    const domain = await get(deps.em(), EmailDomain, mailbox.emailDomainId);
    const { passwordHash, quotaMb } = mailbox;
    await deps.mailhost.ensureMailbox(`${mailbox.localPart}@${domain.name}`, { passwordHash, quotaMb, active });
  }

  async function deleteMailbox(mailbox: Mailbox): Promise<void> {
    const domain = await get(deps.em(), EmailDomain, mailbox.emailDomainId);
    await deps.mailhost.deleteMailbox(`${mailbox.localPart}@${domain.name}`);
  }

  function mailboxesOf(emailDomainId: string): Promise<Mailbox[]> {
    return all(deps.em(), Mailbox, { emailDomainId, status: { $nin: ['deleted', 'failed'] } });
  }

  return {
    async claimEmail(ref) {
      const domain = await get(deps.em(), EmailDomain, ref.targetId);
      const zone = await zoneOf(deps.em(), domain.name);
      if (!zone) throw new Refused(`${domain.name} lies in no zone that is served here`);
      try {
        await set(
          deps.em(),
          EmailDomain,
          { id: domain.id, status: 'pending' },
          { status: 'provisioning', zoneId: zone.id, domainId: zone.domainId ?? null },
        );
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException)
          throw new Refused(`${domain.name} has mail here already`);
        throw error;
      }
      await dkim(domain);
    },
    async failEmail(ref) {
      await deps.em().transactional(async (tx) => {
        await set(tx, EmailDomain, { id: ref.targetId }, { status: 'failed' });
        await set(tx, Mailbox, { emailDomainId: ref.targetId }, { status: 'failed' });
      });
    },

    async ensureMailDomain(ref) {
      await writeDomain(await get(deps.em(), EmailDomain, ref.targetId), true);
    },
    async deleteMailDomain(ref) {
      const domain = await get(deps.em(), EmailDomain, ref.targetId);
      // Refused at the claim: the name is another one's, whose mail is not ours to delete.
      if (domain.status === 'pending') return;
      await deps.mailhost.deleteDomain(domain.name);
    },

    async ensureMailboxes(ref) {
      for (const mailbox of await mailboxesOf(ref.targetId)) await writeMailbox(mailbox, true);
    },
    async deleteMailboxes(ref) {
      for (const mailbox of await mailboxesOf(ref.targetId)) await deleteMailbox(mailbox);
    },

    async publishMailRecords(ref) {
      const domain = await get(deps.em(), EmailDomain, ref.targetId);
      const zone = await zoneOf(deps.em(), domain.name);
      if (!zone) throw new Refused(`${domain.name} lies in no zone that is served here any more`);
      const { publicKey } = await dkim(domain);
      await zones.want(zone, `email/${domain.id}`, records(domain, zone, publicKey));
    },
    async withdrawMailRecords(ref) {
      await zones.withdraw(`email/${ref.targetId}`);
    },

    async activateEmail(ref) {
      await deps.em().transactional(async (tx) => {
        const domain = await get(tx, EmailDomain, ref.targetId);
        const moved = await set(tx, EmailDomain, { id: domain.id, status: 'provisioning' }, { status: 'active' });
        await set(tx, Mailbox, { emailDomainId: domain.id, status: 'pending' }, { status: 'active' });
        if (moved)
          audit(tx, {
            tenantId: domain.tenantId,
            action: 'email.activated',
            resourceType: 'email_domain',
            resourceId: domain.id,
          });
        await deliverItem(tx, domain.orderItemId, domain.id);
      });
    },

    /** The mail host as the row says; the row is looked at again, since another run may have changed it meanwhile. */
    async followMailState(ref) {
      for (let told: boolean | undefined; ; ) {
        const domain = await get(deps.em(), EmailDomain, ref.targetId);
        const active = domain.status === 'active';
        if ((!active && domain.status !== 'suspended') || told === active) return;
        await writeDomain(domain, active);
        told = active;
      }
    },

    async markEmailDeleted(ref) {
      await deps.em().transactional(async (tx) => {
        const domain = await get(tx, EmailDomain, ref.targetId);
        await set(tx, Mailbox, { emailDomainId: domain.id }, { status: 'deleted' });
        const moved = await set(tx, EmailDomain, { id: domain.id, status: 'deleting' }, { status: 'deleted' });
        if (moved)
          audit(tx, {
            tenantId: domain.tenantId,
            action: 'email.deleted',
            resourceType: 'email_domain',
            resourceId: domain.id,
          });
      });
    },

    async ensureMailbox(ref) {
      const mailbox = await get(deps.em(), Mailbox, ref.targetId);
      await writeMailbox(mailbox, true);
      await set(deps.em(), Mailbox, { id: mailbox.id, status: 'pending' }, { status: 'active' });
    },
    async deleteMailbox(ref) {
      const mailbox = await get(deps.em(), Mailbox, ref.targetId);
      await deleteMailbox(mailbox);
      await set(deps.em(), Mailbox, { id: mailbox.id, status: { $in: ['pending', 'active'] } }, { status: 'failed' });
    },
    async markMailboxDeleted(ref) {
      await set(deps.em(), Mailbox, { id: ref.targetId }, { status: 'deleted' });
    },
  } satisfies Partial<StepActivities>;
}
