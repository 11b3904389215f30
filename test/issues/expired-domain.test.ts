import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stateOf } from '../../activities/expired-domains.ts';
import { createActivities } from '../../activities/index.ts';
import { renewDomain } from '../../api/usecases/domains/renew.ts';
import { Domain, SystemEvent } from '../../db/entities/index.ts';
import { EXPIRING, expiryParams } from '../../db/queries/expiry.ts';
import { tenantsDue } from '../../db/queries/renewals.ts';
import type { DomainView, Registrar } from '../../providers/registrar/port.ts';
import type { StepRef } from '../../workflows/contract.ts';
import { type Scene, sceneOf } from '../laws/support/scene.ts';
import { registered } from '../laws/support/stages/names.ts';
import { type Hands, openWorld, type World } from '../laws/support/world.ts';

let world: World;
let hands: Hands;
let scene: Scene;
let id: string;
beforeAll(async () => {
  world = await openWorld();
  hands = world.hands(false);
  scene = sceneOf(world, hands);
  id = await registered(scene);
}, 60_000);
afterAll(async () => {
  await hands.close();
  await world.close();
});

const domain = () => world.em().findOneOrFail(Domain, { id });
/** Its time is over here. */
const over = () =>
  world.em().nativeUpdate(Domain, { id }, { expiresAt: new Date(Date.now() - 1_000), comparedAt: null });
/** Looks at it, where the registry says otherwise than it does: undefined, that there is no such name. */
async function look(said: Partial<DomainView> | undefined): Promise<Domain> {
  const { registrar } = hands.deps;
  const info = async (name: string) => said && { ...(await registrar.info(name))!, ...said };
  const told = { info, clientId: registrar.clientId } as Registrar;
  await createActivities({ ...hands.deps, registrar: told }).lookAtExpired(ref());
  return domain();
}
const ref = (): StepRef => ({
  ...{ jobId: id, tenantId: world.tenantId, targetId: world.tenantId, customerId: null, orderId: null },
  ...{ type: 'expiry_sweep', step: 'look at expired domains', phase: 'do' },
});
const due = () => tenantsDue(world.em(), EXPIRING, expiryParams(world.config));

test('what the registry says of a name past its date is its state', () => {
  const now = new Date('2030-06-01');
  const view = (statuses: string[], expiresAt: string, sponsor = 'US') =>
    ({ statuses, sponsor, expiresAt: new Date(expiresAt) }) as unknown as DomainView;
  expect(stateOf(view(['ok'], '2030-05-31'), 'US', now)).toBe('expired');
  expect(stateOf(view(['ok'], '2031-05-31'), 'US', now)).toBe('active');
  expect(stateOf(view(['redemptionPeriod'], '2031-05-31'), 'US', now)).toBe('expired');
  expect(stateOf(view(['pendingDelete'], '2031-05-31'), 'US', now)).toBe('expired');
  expect(stateOf(view(['ok'], '2031-05-31', 'RIVAL'), 'US', now)).toBe('deleted');
  expect(stateOf(undefined, 'US', now)).toBe('deleted');
});

test('a name whose time is over is shown as expired, once, and can be renewed until it is gone', async () => {
  await over();
  expect(await due()).toContain(world.tenantId);
  expect((await look({ statuses: ['pendingDelete'] })).status).toBe('expired');
  await over();
  expect((await look({ statuses: ['redemptionPeriod'] })).status).toBe('expired');
  expect(await world.em().count(SystemEvent, { type: 'domain.expired' })).toBe(1);

  const { job } = await renewDomain(scene.ctx('domains.renew'), id, 1);
  await scene.done({ job: scene.input(job) });
  expect(await domain()).toMatchObject({ status: 'active', renewal: null });
});

test('a name that its registry has renewed by itself is active again', async () => {
  await over();
  expect((await look({ statuses: ['pendingDelete'] })).status).toBe('expired');
  await over();
  expect((await look({})).status).toBe('active');
});

test('a name that its registry does not know any more is ours no more', async () => {
  await over();
  const { name, status } = await look(undefined);
  expect(status).toBe('deleted');
  const shown = await world.em().findOneOrFail(SystemEvent, { type: 'domain.lost' });
  expect(shown.message).toContain(name);
});
