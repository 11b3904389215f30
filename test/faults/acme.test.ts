import { expect } from '@jest/globals';
import { requestCertificate } from '../../api/usecases/certificates/request.ts';
import { Certificate, Job } from '../../db/entities/index.ts';
import type { Scene } from '../laws/support/scene.ts';
import type { Stage } from '../laws/support/stages/index.ts';
import { registered } from '../laws/support/stages/names.ts';
import { begun, subscribed } from '../laws/support/stages/renewals.ts';
import type { World } from '../laws/support/world.ts';
import { asked, cut, FOR_LONG, faults, on, stageOf } from './support/trial.ts';

const issue = stageOf('certificate_issue', 'for a name alone');
const renew = stageOf('certificate_renew');
const AUTHORIZE = 'authorize certificate';
const ISSUE = 'issue certificate';
const HOUR_S = 3600;

/** The same name had a certificate before, for a key that is not kept any more. */
const again: Stage = {
  saga: 'certificate_issue',
  async arrange(scene) {
    await registered(scene);
    const request = async () => {
      const { job } = await requestCertificate(scene.ctx('certificates.write'), { domain: 'www.law.example' });
      return { job: scene.input(job) };
    };
    const id = await scene.done(await request());
    await scene.world.em().nativeUpdate(Certificate, { id }, { status: 'failed' });
    return request;
  },
};

interface State {
  certificates: { serial: string; ariId: string; revoked?: object }[];
  orders: { replaces?: string }[];
}
const state = (world: World) => world.running('acme').state() as State;
const active = (world: World) => state(world).certificates.filter(({ revoked }) => !revoked);
/** The certificates that orders were made to replace. */
const replaced = (world: World) => state(world).orders.map(({ replaces }) => replaces);

/** What a sweep finds to renew once the CA is asked again. */
async function sweep(scene: Scene): Promise<Job[]> {
  await scene.world.rows('update certificate set look_at = now()');
  await scene.done(await begun(scene, { type: 'expiry_sweep', targetId: scene.world.tenantId }));
  return scene.world.em().find(Job, { type: 'certificate_renew' });
}

let before = 0;
faults('acme', {
  'bad-nonces': {
    stage: issue,
    at: AUTHORIZE,
    strike: on('acme', '.', 'bad-nonce', { data: { percent: 100 }, times: 9 }),
    end: 'delivered',
  },
  'bad-nonces-for-long': {
    stage: issue,
    at: ISSUE,
    strike: on('acme', '.', 'bad-nonce', { data: { percent: 100 }, times: FOR_LONG }),
    end: 'blocked',
    reason: /nonce/i,
  },
  'retry-after-an-hour': {
    stage: issue,
    at: AUTHORIZE,
    strike: (world) => {
      before = asked(world, 'acme', 'new-order');
      on('acme', 'new-order', 'rate-limited', { data: { seconds: HOUR_S } })(world);
    },
    end: 'waits',
    reason: /rate/i,
    also: (world, run) => {
      expect(run.blocks.map(({ failure }) => failure.ms)).toEqual([HOUR_S * 1000]);
      expect(asked(world, 'acme', 'new-order') - before).toBe(2);
    },
  },
  'edge-503': {
    stage: issue,
    at: AUTHORIZE,
    strike: on('acme', 'new-order', 'edge-503', { data: { seconds: 2 * HOUR_S } }),
    end: 'waits',
    reason: /503/,
  },
  'order-valid': {
    stage: renew,
    at: AUTHORIZE,
    strike: on('acme', 'new-order', 'order-already-valid'),
    end: 'delivered',
  },
  'order-valid-other-key': {
    stage: again,
    at: AUTHORIZE,
    strike: on('acme', 'new-order', 'order-already-valid'),
    end: 'delivered',
    also: (world) => expect(active(world)).toHaveLength(2),
  },
  'authz-reused': { stage: issue, at: AUTHORIZE, strike: on('acme', 'new-order', 'authz-reused'), end: 'delivered' },
  'order-expired': {
    stage: issue,
    at: ISSUE,
    strike: on('acme', 'finalize', 'order-expired-between-steps'),
    end: 'delivered',
  },
  'authz-invalid': {
    stage: issue,
    at: AUTHORIZE,
    strike: on('acme', 'challenge', 'authz-invalid', { data: { reason: 'secondary validation', type: 'dns' } }),
    end: 'delivered',
  },
  'caa-forbids': {
    stage: issue,
    at: AUTHORIZE,
    strike: on('acme', 'challenge', 'authz-invalid', {
      data: { reason: 'CAA record for law.example prevents issuance', type: 'caa' },
      times: FOR_LONG,
    }),
    end: 'blocked',
    reason: /CAA record for law\.example/,
  },
  'slow-ca': {
    stage: issue,
    at: ISSUE,
    strike: on('acme', 'finalize', 'slow-processing', { data: { polls: 4 } }),
    end: 'delivered',
  },
  'finalize-answer-lost': { stage: issue, at: ISSUE, strike: cut('acme', 'finalize', 'after'), end: 'delivered' },
  'renewal-wanted-now': async (scene) => {
    const { world } = scene;
    await subscribed(scene);
    const [old] = active(world);
    expect(await sweep(scene)).toEqual([]);
    on('acme', 'renewal-info', 'ari-now')(world);
    const [job, ...more] = await sweep(scene);
    expect(more).toEqual([]);
    await scene.done({ job: scene.input(job!) });
    const row = await world.em().findOneOrFail(Certificate, { id: job!.targetId });
    expect(row).toMatchObject({ status: 'active', serial: expect.not.stringMatching(old!.serial) });
    expect(replaced(world)).toContain(old!.ariId);
    expect(await sweep(scene)).toHaveLength(1);
  },
  'replaces-refused': {
    stage: renew,
    at: AUTHORIZE,
    strike: on('acme', 'new-order', 'replaces-refused'),
    end: 'delivered',
  },
});
