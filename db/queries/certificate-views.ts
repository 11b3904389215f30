import type { EntityManager } from '@mikro-orm/postgresql';
import { Certificate } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

export const findOwnCertificate = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Certificate, ownedBy(scope, { id }));

export const lockCertificate = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Certificate, ownedBy(scope, { id }));

export const listCertificates = (
  em: EntityManager,
  scope: Scope,
  filter: {
    customerId?: string | undefined;
    targetId?: string | undefined;
    status?: Certificate['status'] | undefined;
  },
  page: PageQuery,
) => listRows(em, Certificate, ownedBy(scope, { ...filter }), page);
