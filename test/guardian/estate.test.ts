import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Instance } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { execute } from '../../scripts/admin/execute.ts';
import { checkOf, openWatch, type Watch } from './support/watch.ts';
import { NAME, openZone } from './support/zone.ts';

// What a tenant has: guests with their ports, backups and templates, mailboxes, logins.

let watch: Watch;
let pod: Instance;
beforeAll(async () => {
  watch = await openWatch();
  const { scene } = watch;
  pod = await watch.pod('web');
  await openZone(watch);
  await scene.done(await scene.buy('MAIL-START', { domain: NAME, localPart: 'info', password: 'Mailbox-pass-1' }));
  await scene.done(await scene.buy('BACKUP-DAILY', { instanceId: pod.id }));
}, 120_000);
afterAll(() => watch.close());

describe('ports', () => {
  test('what the plan allows may be open; what it does not is found', async () => {
    for (const port of [80, 11_211]) await watch.act('proxmox', 'open-port', { vmid: pod.vmid, port });
    expect(await watch.seen('ports', pod.id)).toEqual(['critical port_open/11211']);
    await watch.world.rows(`update guardian_instance set allowed_ports = '[22, 80, 443, 11211]'`);
    expect(await watch.seen('ports', pod.id)).toEqual([]);
  });
  test('an address that is the guest’s by its row alone is not tried: the pool says whose it is', async () => {
    const elsewhere = `127.${80 + Number(process.env.JEST_WORKER_ID)}.99.99`;
    const stranger = createServer().listen(11_211, elsewhere);
    await once(stranger, 'listening');
    const met = new Promise((_, fail) => stranger.once('connection', () => fail(new Error('it was tried'))));
    await watch.world.rows(`update guardian_instance set allowed_ports = '[22, 80, 443]'`);
    await watch.world.rows(`update instance set ipv4 = '${elsewhere}' where id = '${pod.id}'`);
    await Promise.race([watch.scan(), met]);
    const [finding] = await watch.open('ports');
    expect(finding?.evidence.addresses).toEqual([pod.ipv4]);
    await watch.world.rows(`update instance set ipv4 = '${pod.ipv4}' where id = '${pod.id}'`);
    stranger.close();
  });
});

describe('mailboxes', () => {
  const mailbox = async () => (await watch.world.rows<{ id: string }>('select id from mailbox'))[0]!.id;
  test('one with a quota, and one from which somebody took it', async () => {
    expect(await watch.seen('mailboxes', await mailbox())).toEqual([]);
    await watch.world.mailRows(
      'alter table virtual_mailboxes drop constraint virtual_mailboxes_quota_mb_check; update virtual_mailboxes set quota_mb = 0',
    );
    expect(await watch.seen('mailboxes', await mailbox())).toEqual(['medium mailbox_unlimited']);
  });
});

describe('backups', () => {
  const plan = async () =>
    (await watch.world.rows<{ id: string }>(`select id from instance_addon where kind = 'backup'`))[0]!.id;
  test('a plan whose backups are made, and one whose backups somebody deleted', async () => {
    expect(await watch.seen('backups', await plan())).toEqual([]);
    await watch.world.rows(`update instance_addon set created_at = now() - interval '3 days'`);
    expect(await watch.seen('backups', await plan())).toEqual([]);
    const { proxmox } = watch.hands.deps;
    for (const { volid } of await proxmox.backups(pod.node ?? '', 'local', pod.vmid ?? 0))
      await proxmox.deleteBackup(pod.node ?? '', 'local', volid);
    expect(await watch.seen('backups', await plan())).toEqual(['high backup_overdue']);
  });
  test('a cluster that does not answer leaves what is known alone', async () => {
    const switched = watch.world.self('proxmox').faults;
    switched.add({ match: 'GET .*/content', phase: 'before', times: null, action: { kind: 'drop' } });
    const scan = await watch.scan();
    switched.clear();
    expect(checkOf(scan, 'backups')).toMatchObject({
      looked: 0,
      missed: 1,
      detail: expect.stringContaining('backup at'),
    });
    expect(await watch.open('backups')).toHaveLength(1);
  });
});

describe('templates', () => {
  test('a system that is mended, one that is not any more, and a template that was withdrawn', async () => {
    expect(await watch.seen('templates', pod.id)).toEqual([]);
    const desk = { em: watch.world.em(), config: watch.world.config };
    expect(await execute(desk, ['templates', 'disable', pod.image])).toMatchObject({ code: 0 });
    expect(await watch.seen('templates', pod.id)).toEqual(['medium template_outdated']);
    await watch.world.rows(`update instance set image = 'debian-10' where id = '${pod.id}'`);
    expect(await watch.seen('templates', pod.id)).toEqual(['high template_outdated']);
  });
});

describe('sign-ins', () => {
  test('a few wrong passwords are nothing; many within a day are told', async () => {
    const [{ id } = { id: '' }] = await watch.world.rows<{ id: string }>('select id from users limit 1');
    const event = { tenantId: watch.tenantId, action: 'user.sign_in_failed', resourceType: 'user', resourceId: id };
    const fail = (times: number) =>
      watch.world.em().transactional(async (tx) => {
        for (let n = 0; n < times; n++) audit(tx, event);
      });
    await fail(9);
    expect(await watch.seen('sign_ins', id)).toEqual([]);
    await fail(1);
    expect(await watch.seen('sign_ins', id)).toEqual(['medium sign_in_failures']);
    expect((await watch.open('sign_ins'))[0]?.evidence).toMatchObject({ count: 10 });
  });
});
