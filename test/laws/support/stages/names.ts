import { createRecord } from '../../../../api/usecases/dns/records.ts';
import { renewDomain } from '../../../../api/usecases/domains/renew.ts';
import { DnsZone } from '../../../../db/entities/index.ts';
import type { Scene } from '../scene.ts';
import type { Stage } from './index.ts';

const NAME = 'law.example';
export const registered = async (scene: Scene): Promise<string> =>
  scene.done(await scene.buy('DOMAIN', { domain: NAME }));

export const names: readonly Stage[] = [
  {
    saga: 'domain_register',
    arrange: async (scene) => () => scene.buy('DOMAIN', { domain: NAME }),
  },
  {
    saga: 'domain_renew',
    async arrange(scene) {
      const id = await registered(scene);
      return async () => {
        const { job } = await renewDomain(scene.ctx('domains.renew'), id, 2);
        return { job: scene.input(job) };
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
