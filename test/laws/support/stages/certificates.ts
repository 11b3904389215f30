import { renewCertificate } from '../../../../api/usecases/certificates/renew.ts';
import { requestCertificate } from '../../../../api/usecases/certificates/request.ts';
import { Certificate } from '../../../../db/entities/index.ts';
import type { Stage } from './index.ts';
import { registered } from './names.ts';

export const certificates: readonly Stage[] = [
  {
    saga: 'certificate_issue',
    about: 'for a name alone',
    turns: 'authorize certificate',
    async arrange(scene) {
      await registered(scene);
      return async () => {
        const { job } = await requestCertificate(scene.ctx('certificates.write'), { domain: 'www.law.example' });
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'certificate_issue',
    about: 'for a running CloudPod',
    async arrange(scene) {
      const targetId = await scene.done(await scene.buy('CPOD-MINI', { name: 'law' }));
      const domain = `law.pods.${scene.world.config.PLATFORM_DOMAIN}`;
      return async () => {
        const { job } = await requestCertificate(scene.ctx('certificates.write'), { domain, targetId });
        return { job: scene.input(job) };
      };
    },
  },
  {
    saga: 'certificate_renew',
    async arrange(scene) {
      const targetId = await scene.done(await scene.buy('CPOD-MINI', { name: 'law' }));
      const { id } = await scene.world.em().findOneOrFail(Certificate, { targetId });
      return async () => {
        const { job } = await renewCertificate(scene.ctx('certificates.write'), id);
        return { job: scene.input(job) };
      };
    },
  },
];
