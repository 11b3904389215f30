import type { EntityManager } from '@mikro-orm/postgresql';
import { ProviderProbe } from '../entities/index.ts';

export const listProbes = (em: EntityManager): Promise<ProviderProbe[]> => em.find(ProviderProbe, {});
