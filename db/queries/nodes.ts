import type { EntityManager } from '@mikro-orm/postgresql';
import { Node } from '../entities/index.ts';
import { findRow, listRows, type PageQuery } from './rows.ts';

export const findNode = (em: EntityManager, id: string) => findRow(em, Node, { id });

export const listNodes = (em: EntityManager, page: PageQuery) => listRows(em, Node, {}, page);
