import { createRecord } from '../../../../api/usecases/dns/records.ts';
import { renewDomain } from '../../../../api/usecases/domains/renew.ts';
import { DnsZone } from '../../../../db/entities/index.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';

export const NAME = 'law.example';
/** What a registry has renewed is never given back: it is kept, and its money with it. */
const RENEWED = /^[+-] (registrar (domain|balance)|row domain|money kept|row item domain 2)/;
export const registered = async (scene: Scene, domain = NAME): Promise<string> =>
  scene.done(await scene.buy('DOMAIN', { domain }));

/** One of the house's own, that nobody pays for. */
export async function ofTheHouse(scene: Scene, domain: string): Promise<string> {
  const id = await registered(scene, domain);
  await scene.world.rows(`delete from subscription where resource_id = '${id}'`);
  return id;
}

export const names: readonly Stage[] = [
  {
    saga: 'domain_register',
    arrange: async (scene) => () => scene.buy('DOMAIN', { domain: NAME }),
  },
  {
    saga: 'domain_renew',
    about: 'by staff',
    keeps: RENEWED,
    async arrange(scene) {
      const id = await registered(scene);
      return async () => {
        const { job } = await renewDomain(scene.ctx('domains.renew'), id, 2);
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'domain_renew',
    about: 'ordered by its customer',
    turns: 'claim renewal',
    keeps: RENEWED,
    async arrange(scene) {
      const id = await registered(scene);
      return async () => {
        const ctx = scene.ctx('domains.renew');
        const buyer = { ...ctx, scope: { ...ctx.scope, customerId: scene.customerId } };
        return scene.paidFor(await renewDomain(buyer, id, 2));
      };
    },
  },
  {
    saga: 'dns_apply',
    async arrange(scene) {
      await registered(scene);
      const zone = await scene.world.em().findOneOrFail(DnsZone, { name: NAME });
      return async () => {
        const wish = { type: 'A', name: 'www', content: '127.64.9.9', ttl: 300, priority: null };
        const { job } = await createRecord(scene.ctx('dns.write'), zone.id, wish);
        return { job: scene.input(job) };
      };
    },
  },
];
