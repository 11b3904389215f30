import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { renewCertificate } from '../../api/usecases/certificates/renew.ts';
import { deleteCloudPod } from '../../api/usecases/cloudpods/act.ts';
import { Certificate } from '../../db/entities/index.ts';
import type { Acme } from '../../providers/acme/port.ts';
import type { JobInput } from '../../workflows/catalog.ts';
import type { Activities, StepRef } from '../../workflows/contract.ts';
import { certificateRenew } from '../../workflows/provision/certificate.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

let world: World;
let hands: Hands;
let scene: Scene;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});

/** Of a guest's certificates those that are valid. */
const valid = (name: string) =>
  (world.running('acme').state() as { certificates: { names: string[]; revoked?: object }[] }).certificates.filter(
    ({ names, revoked }) => names[0]?.startsWith(`${name}.`) && !revoked,
  ).length;
const challenges = () =>
  (world.running('powerdns').state() as { rrsets: { name: string }[] }[])
    .flatMap(({ rrsets }) => rrsets)
    .filter(({ name }) => name.startsWith('_acme-challenge.'));

/** A running guest and the renewal of its certificate, asked for and not begun. */
async function renewing(name: string): Promise<{ pod: string; job: JobInput }> {
  const pod = await scene.done(await scene.buy('CPOD-MINI', { name }));
  const { id } = await world.em().findOneOrFail(Certificate, { targetId: pod });
  const { job } = await renewCertificate(scene.ctx('certificates.write'), id);
  return { pod, job: scene.input(job) };
}

/** The renewal is no job of the CloudPod's: it is not waited for. */
async function remove(pod: string): Promise<void> {
  await scene.done({ job: scene.input(await deleteCloudPod(scene.ctx('cloudpods.delete'), pod)) });
}

async function play(activities: Activities, job: JobInput, before?: { step: string; act: () => Promise<void> }) {
  const results = [];
  for (const { name, do: activity } of certificateRenew.steps) {
    if (before?.step === name) await before.act();
    const ref: StepRef = { ...job, step: name, phase: 'do' };
    results.push((await activities[activity](ref)) ?? 'done');
  }
  return results;
}

async function nothingIsLeft(pod: string): Promise<void> {
  expect(challenges()).toEqual([]);
  const rows = await world.em().find(Certificate, { targetId: pod });
  expect(rows.map(({ status, order }) => [status, order])).toEqual([['revoked', null]]);
}

// One that was renewed stays valid until it runs out, as everywhere.
test.each(certificateRenew.steps.map(({ name }, at) => [name, at < 2 ? 0 : 1] as const))(
  'a CloudPod that is deleted before its certificate’s renewal comes to "%s" leaves none of its that is valid',
  async (step, superseded) => {
    const name = step.replaceAll(' ', '-').toLowerCase();
    const { pod, job } = await renewing(name);
    const results = await play(hands.activities, job, { step, act: () => remove(pod) });
    expect(results.at(-1)).toBe('skipped');
    expect(valid(name)).toBe(superseded);
    await nothingIsLeft(pod);
  },
);

test.each(['finalize', 'certificate'] as const)(
  'nor does one that is deleted while the CA answers the renewal’s %s',
  async (call) => {
    const { pod, job } = await renewing(`while-${call}`);
    let deleted = false;
    const acme = interrupted(hands.deps.acme, call, async () => {
      if (!deleted) {
        deleted = true;
        await remove(pod);
      }
    });
    const results = await play(createActivities({ ...hands.deps, acme }), job);
    expect(results.at(-1)).toBe('skipped');
    expect(valid(`while-${call}`)).toBe(0);
    await nothingIsLeft(pod);
  },
);

/** The same, with something that happens between the answer to a call and its hearing. */
function interrupted(acme: Acme, call: keyof Acme, act: () => Promise<void>): Acme {
  return new Proxy(acme, {
    get(self, name) {
      const own = Reflect.get(self, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const answer = await own.apply(self, args);
        if (name === call) await act();
        return answer;
      };
    },
  });
}
