import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Client, type Page, signIn } from '../support/client.ts';
import { openStage, type Stage } from './stage/index.ts';

interface Begun {
  job: { id: string };
}
interface Finding {
  id: string;
  state: string;
  kind: string;
  remedy: string;
}

describe('Guardian', () => {
  let stage: Stage;
  let second: Client;
  let pod: string;
  let vmid: string;
  beforeAll(async () => {
    stage = await openStage();
    const login = { email: 'second@mpanel.test', password: 'e2e-password-2' };
    await stage.admin.post('/users', { ...login, name: 'Second', roles: ['platform_admin'] });
    second = await signIn(stage.platform.url, login);
    const { order } = await stage.place(await stage.customer(), [stage.pod()]);
    await stage.pay(order.invoiceId);
    await stage.ended(order.id);
    pod = order.items[0]?.resourceId ?? '';
    ({ vmid } = await stage.world.guestOf(pod));
  }, 120_000);
  afterAll(() => stage?.close());

  /** A scan to its end; its job. */
  async function scan() {
    const { job } = await stage.admin.post<Begun>('/guardian/scan');
    await stage.stands(job.id, 'completed');
    return stage.job(job.id);
  }
  const findings = async () =>
    (await stage.admin.get<Page<Finding>>(`/guardian/findings?check=ports&resourceId=${pod}`)).items;

  test('finds a port that somebody opened, and closes it once two people have said so', async () => {
    await stage.outside.act('proxmox', 'open-port', { vmid, port: 6379 });
    // Switched off: no scan comes by itself beside those that are asked for.
    await stage.admin.post('/guardian/instance', { enabled: false });
    expect((await scan()).steps.map(({ status }) => status)).toEqual(expect.arrayContaining(['done']));
    const [finding] = await findings();
    expect(finding).toMatchObject({ kind: 'port_open', state: 'open', remedy: 'close_port' });
    const path = '/guardian/remediations';
    const { id } = await stage.admin.post<{ id: string }>(`${path}/request`, { findingId: finding?.id });
    await second.post(`${path}/${id}/approve-platform`);
    const { job } = await stage.admin.post<Begun>(`${path}/${id}/approve-tenant`);
    await stage.stands(job.id, 'completed');
    expect((await findings())[0]).toMatchObject({ id: finding?.id, state: 'resolved' });
    await scan();
    expect((await findings())[0]).toMatchObject({ id: finding?.id, state: 'resolved' });
    const events = await stage.admin.get<Page<{ action: string }>>('/guardian/audit-events?pageSize=100');
    expect(events.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'guardian_remediation.applied',
        'guardian_remediation.verified',
        'guardian_scan.completed',
      ]),
    );
  });

  test('says in the job what it could not look at', async () => {
    await stage.outside.act('proxmox', 'stop-guest', { vmid });
    const { steps, status } = await scan();
    const step = steps.find(({ name }) => name === 'certificates');
    expect([status, step]).toMatchObject([
      'completed',
      { status: 'done', error: expect.stringMatching(/^1 of 1 not looked at: .*ECONNREFUSED/) },
    ]);
  });
});
