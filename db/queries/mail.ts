import type { EntityManager } from '@mikro-orm/postgresql';
import { EmailDomain, Mailbox } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

export const findEmailDomain = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, EmailDomain, ownedBy(scope, { id }));

/** E-mail of a domain: by the domain's id, or by its own where the domain is registered elsewhere. Locked. */
export const lockEmailDomainOf = (em: EntityManager, scope: Scope, domainId: string) =>
  lockRow(
    em,
    EmailDomain,
    ownedBy(scope, { status: { $nin: ['deleted', 'failed'] }, $or: [{ domainId }, { id: domainId }] }),
  );

export const listEmailDomains = (
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined },
  page: PageQuery,
) => listRows(em, EmailDomain, ownedBy(scope, { ...filter }), page);

export const findMailbox = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Mailbox, ownedBy(scope, { id }));

export const lockMailbox = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Mailbox, ownedBy(scope, { id }));

export async function listMailboxes(
  em: EntityManager,
  scope: Scope,
  filter: { domainId?: string | undefined; customerId?: string | undefined },
  page: PageQuery,
) {
  const { domainId, customerId } = filter;
  const domains =
    domainId && (await em.find(EmailDomain, { tenantId: scope.tenantId, $or: [{ domainId }, { id: domainId }] }));
  const emailDomainId = domains ? { $in: domains.map((domain) => domain.id) } : undefined;
  return listRows(em, Mailbox, ownedBy(scope, { customerId, emailDomainId }), page);
}
