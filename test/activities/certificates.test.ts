import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { requestCertificate } from '../../api/usecases/certificates/request.ts';
import { deleteCloudPod } from '../../api/usecases/cloudpods/act.ts';
import { Certificate } from '../../db/entities/index.ts';
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

const atCa = () =>
  (world.running('acme').state() as { certificates: { serial: string; revoked?: object }[] }).certificates;

/** A running guest, and certificates for it beside its first. */
async function certified(name: string): Promise<string> {
  const targetId = await scene.done(await scene.buy('CPOD-MINI', { name }));
  const domain = `${name}.pods.${world.config.PLATFORM_DOMAIN}`;
  for (let i = 0; i < 2; i++) {
    const { job } = await requestCertificate(scene.ctx('certificates.write'), { domain, targetId });
    await scene.done({ job: scene.input(job) });
  }
  return targetId;
}

const remove = async (id: string) =>
  scene.done({ job: scene.input(await deleteCloudPod(scene.ctx('cloudpods.delete'), id)) });

test('a deleted CloudPod leaves no certificate that is valid', async () => {
  const id = await certified('all');
  expect(atCa().filter(({ revoked }) => !revoked)).toHaveLength(3);
  await remove(id);
  expect(atCa().filter(({ revoked }) => !revoked)).toEqual([]);
  const rows = await world.em().find(Certificate, { targetId: id });
  expect(rows.map(({ status }) => status)).toEqual(['revoked', 'revoked', 'revoked']);
});

test('the CA is not asked to revoke one that has run out', async () => {
  const id = await certified('old');
  const [oldest] = await world.em().find(Certificate, { targetId: id }, { orderBy: { id: 'asc' }, limit: 1 });
  await world.em().nativeUpdate(Certificate, { id: oldest!.id }, { notAfter: new Date(Date.now() - 1000) });
  await remove(id);
  expect(atCa().filter(({ revoked }) => !revoked)).toHaveLength(1);
  expect(await world.em().count(Certificate, { targetId: id, status: 'revoked' })).toBe(3);
});
