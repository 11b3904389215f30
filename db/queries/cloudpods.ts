import type { EntityManager } from '@mikro-orm/postgresql';
import type { InstanceStatus } from '../../core/states.ts';
import { Instance } from '../entities/index.ts';
import { findRow, listRows, lockRow, ownedBy, type PageQuery, type Scope } from './rows.ts';

export const findCloudPod = (em: EntityManager, scope: Scope, id: string) =>
  findRow(em, Instance, ownedBy(scope, { id }));

export const lockCloudPod = (em: EntityManager, scope: Scope, id: string) =>
  lockRow(em, Instance, ownedBy(scope, { id }));

export const listCloudPods = (
  em: EntityManager,
  scope: Scope,
  filter: { customerId?: string | undefined; status?: InstanceStatus | undefined },
  page: PageQuery,
) => listRows(em, Instance, ownedBy(scope, { ...filter }), page);
