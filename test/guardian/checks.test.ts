import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import packet, { type Answer } from 'dns-packet';
import { zonePolicy } from '../../activities/guardian/checks/zone-policy.ts';
import { existence } from '../../activities/guardian/name-server.ts';
import { createActivities } from '../../activities/index.ts';
import { DnsRecord, DnsZone, GuardianScan, type Instance } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import { newId } from '../../runtime/ids.ts';
import { sceneOf } from '../laws/support/scene.ts';
import { scanned } from '../laws/support/stages/guardian.ts';
import { openWatch, type Watch } from './support/watch.ts';

const NAME = 'watched.example';
let watch: Watch;
let pod: Instance;
let zone: DnsZone;
beforeAll(async () => {
  watch = await openWatch();
  const { scene } = watch;
  pod = await watch.pod('web');
  await scene.done(await scene.buy('DOMAIN', { domain: NAME }));
  await scene.done(await scene.buy('MAIL-START', { domain: NAME, localPart: 'info', password: 'Mailbox-pass-1' }));
  await scene.done(await scene.buy('BACKUP-DAILY', { instanceId: pod.id }));
  zone = await watch.world.em().findOneOrFail(DnsZone, { name: NAME });
}, 120_000);
afterAll(() => watch.close());

/** Kinds and keys of what is open in the watched zone, or at the pod, after a scan. */
async function seen(check: Parameters<Watch['open']>[0], resourceId: string): Promise<string[]> {
  await watch.scan();
  const own = (await watch.open(check)).filter((finding) => finding.resourceId === resourceId);
  return own.map(({ fingerprint, severity }) => `${severity} ${fingerprint.replace(`/${resourceId}`, '')}`);
}

const setRecord = (name: string, type: string, contents: string[]) =>
  watch.act('powerdns', 'set-record', { zone: `${NAME}.`, name: `${name}.`, type, contents });
const deleteRecord = (name: string, type: string) =>
  watch.act('powerdns', 'delete-record', { zone: `${NAME}.`, name: `${name}.`, type });
/** As the customer writes it, here and at the server. */
async function record(name: string, type: string, content: string) {
  const { tenantId } = watch;
  await watch.world.em().insert(DnsRecord, { id: newId(), tenantId, zoneId: zone.id, type, name, content, ttl: 300 });
  await setRecord(`${name}.${NAME}`, type, [content]);
}

describe('dangling', () => {
  test('names that lead to what is there are no finding', async () => {
    await record('www', 'CNAME', `${pod.hostname}.`);
    await record('own', 'A', pod.ipv4 ?? '');
    expect(await seen('dangling', zone.id)).toEqual([]);
  });
  test('an alias of nothing, and addresses that were given back or are of somebody else', async () => {
    await record('old', 'CNAME', `gone.${NAME}.`);
    const [free] = await watch.world.rows<{ address: string }>(
      'select host(address) as address from ip_address where instance_id is null and family = 4 limit 1',
    );
    await record('former', 'A', free?.address ?? '');
    await record('elsewhere', 'A', '192.0.2.7');
    expect(await seen('dangling', zone.id)).toEqual([
      `high dns_dangling_cname/old.${NAME}`,
      `high dns_released_address/former.${NAME}/${free?.address}`,
    ]);
  });
  test('what somebody else has now is worse', async () => {
    const [tenant, guest] = [newId(), newId()];
    await watch.world.rows(`
      insert into tenant (id, name) values ('${tenant}', 'Other');
      insert into customer (id, tenant_id, name, email) values ('${guest}', '${tenant}', 'O', 'o@other.test');
      insert into instance (id, tenant_id, customer_id, product_id, name, kind, template, image, hostname, cores, memory_mb, disk_gb)
        values ('${guest}', '${tenant}', '${guest}', '${guest}', 'o', 'qemu', 't', 'i', 'o.other.test', 1, 1, 1);
      update ip_address set instance_id = '${guest}' where host(address) =
        (select content from dns_record where name = 'former' and type = 'A')`);
    expect(await seen('dangling', zone.id)).toContainEqual(
      expect.stringMatching(/^critical dns_released_address\/former/),
    );
  });

  test('an alias that leads out of our zones is asked about elsewhere, where we are told where', async () => {
    const { deps } = watch.hands;
    const { resolver, asking } = await resolverFor({ name: 'there.example', type: 'TXT', data: 'here' });
    const told = existence(asking);
    expect([await told('there.example'), await told('gone.example'), await existence(deps)('gone.example')]).toEqual([
      true,
      false,
      undefined,
    ]);
    resolver.close();
  });
});

/** A resolver that knows these records and no others, and what checks that may ask it work with. */
async function resolverFor(...records: Answer[]) {
  const resolver = createSocket('udp4');
  resolver.on('message', (bytes, peer) => {
    const { id, questions } = packet.decode(bytes);
    const [question] = questions ?? [];
    const answers = records.filter(({ name, type }) => question?.name === name && question.type === type);
    const flags = answers.length ? 0 : 3;
    const answer = packet.encode({ type: 'response', id: id ?? 0, flags, questions: questions ?? [], answers });
    resolver.send(answer, peer.port, peer.address);
  });
  resolver.bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  const { deps } = watch.hands;
  const config = { ...watch.world.config, GUARDIAN_RESOLVER: `127.0.0.1:${resolver.address().port}` };
  return { resolver, asking: { ...deps, config } };
}

describe('mail records', () => {
  test('a name with mail of ours has them all', async () => {
    expect(await seen('mail_records', zone.id)).toEqual([]);
  });
  test('each that somebody takes away is missed, with the record that mends it', async () => {
    const [{ dkim_selector: selector } = { dkim_selector: '' }] = await watch.world.rows<{ dkim_selector: string }>(
      'select dkim_selector from email_domain',
    );
    await deleteRecord(NAME, 'TXT');
    await setRecord(`_dmarc.${NAME}`, 'TXT', ['"some other text"']);
    await setRecord(`${selector}._domainkey.${NAME}`, 'TXT', ['"v=DKIM1; k=rsa; p=AAAA"']);
    expect(await seen('mail_records', zone.id)).toEqual([
      `medium dns_no_dkim/${selector}._domainkey.${NAME}`,
      `medium dns_no_dmarc/_dmarc.${NAME}`,
      `medium dns_no_spf/${NAME}`,
    ]);
    const spf = (await watch.open('mail_records')).find(
      ({ kind, resourceId }) => kind === 'dns_no_spf' && resourceId === zone.id,
    );
    expect(spf?.evidence.add).toEqual({
      type: 'TXT',
      name: '@',
      content: expect.stringMatching(/^v=spf1 mx .* -all$/),
    });
  });
});

describe('zone policy', () => {
  const sign = (dnssec: boolean) => {
    const { POWERDNS_URL: url, POWERDNS_API_KEY: key } = watch.world.config;
    return fetch(`${url}/api/v1/servers/localhost/zones/${NAME}.`, {
      method: 'PUT',
      headers: { 'x-api-key': key ?? '', 'content-type': 'application/json' },
      body: JSON.stringify({ dnssec }),
    });
  };

  test('a zone without CAA and keys', async () => {
    expect(await seen('zone_policy', zone.id)).toEqual(['low dns_no_caa', 'low dns_unsigned']);
  });
  test('one that has both', async () => {
    await setRecord(NAME, 'CAA', ['0 issue "ca.example"']);
    await sign(true);
    expect(await seen('zone_policy', zone.id)).toEqual([]);
  });

  /** What the name server says of its keys: their DS records. */
  async function signers(): Promise<string[]> {
    const { POWERDNS_URL: url, POWERDNS_API_KEY: key } = watch.world.config;
    const path = `${url}/api/v1/servers/localhost/zones/${NAME}./cryptokeys`;
    const keys = (await (await fetch(path, { headers: { 'x-api-key': key ?? '' } })).json()) as { ds: string[] }[];
    return keys.flatMap(({ ds }) => ds);
  }
  /** What is seen of the zone while its parent has these DS records. */
  async function delegated(...ds: string[]): Promise<string[]> {
    const records = ds.map((line): Answer => {
      const [keyTag, algorithm, digestType, digest] = line.split(' ');
      const numbers = { keyTag: Number(keyTag), algorithm: Number(algorithm), digestType: Number(digestType) };
      return { name: NAME, type: 'DS', data: { ...numbers, digest: Buffer.from(digest ?? '', 'hex') } };
    });
    const { resolver, asking } = await resolverFor(...records);
    const { tenantId } = watch;
    const found = await asTenant(tenantId, async () => {
      const [thing] = await zonePolicy(asking).things({ tenantId, id: zone.id, limit: 1 });
      return thing!.look();
    });
    resolver.close();
    return found.map((seen) => ('missed' in seen ? seen.missed : `${seen.severity} ${seen.kind}`));
  }

  test('a parent whose DS fits one of the keys, whichever digest it has', async () => {
    const own = await signers();
    expect(own).toHaveLength(3);
    for (const ds of own) expect(await delegated(ds)).toEqual([]);
    expect(await delegated(`1 13 2 ${'00'.repeat(32)}`, ...own)).toEqual([]);
    // GOST: nobody here can tell.
    expect(await delegated(own[0]!.replace(' 13 1 ', ' 13 3 '))).toEqual([]);
  });
  test('a signed zone whose parent knows of no key', async () => {
    expect(await delegated()).toEqual(['low dns_no_ds']);
  });
  test('a resolver that is silent leaves what is known of DS alone, and the rest is judged', async () => {
    const { resolver, asking } = await resolverFor();
    const scene = sceneOf(watch.world, { ...watch.hands, deps: asking, activities: createActivities(asking) });
    const scan = async () => scene.done(await scanned(scene));
    const open = async () => {
      const own = (await watch.open('zone_policy')).filter(({ resourceId }) => resourceId === zone.id);
      return own.map(({ kind }) => kind);
    };
    await scan();
    expect(await open()).toEqual(['dns_no_ds']);
    resolver.close();
    await deleteRecord(NAME, 'CAA');
    const id = await scan();
    expect(await open()).toEqual(['dns_no_caa', 'dns_no_ds']);
    const told = checkOf(await watch.world.em().findOneOrFail(GuardianScan, { id }), 'zone_policy');
    expect(told).toMatchObject({ missed: 2, detail: expect.stringContaining(' DS from ') });
    await setRecord(NAME, 'CAA', ['0 issue "ca.example"']);
    await scan();
    expect(await open()).toEqual(['dns_no_ds']);
  });
  test('a parent that knows other keys, or another digest of this one', async () => {
    const [sha1 = '', sha256 = ''] = await signers();
    const forged = sha256.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const ds of [forged, `${sha1.slice(0, -40)}${'00'.repeat(20)}`, `1 ${sha256.split(' ').slice(1).join(' ')}`])
      expect(await delegated(ds)).toEqual(['high dns_ds_mismatch']);
  });
  test('a zone that is signed no more, though its parent says it is', async () => {
    const own = await signers();
    await sign(false);
    expect(await delegated(...own)).toEqual(['high dns_ds_mismatch']);
    expect(await delegated()).toEqual(['low dns_unsigned']);
  });
});

describe('ports', () => {
  test('what the plan allows may be open; what it does not is found', async () => {
    for (const port of [80, 11_211]) await watch.act('proxmox', 'open-port', { vmid: pod.vmid, port });
    expect(await seen('ports', pod.id)).toEqual(['critical port_open/11211']);
    await watch.world.rows(`update guardian_instance set allowed_ports = '[22, 80, 443, 11211]'`);
    expect(await seen('ports', pod.id)).toEqual([]);
  });
  test('an address that is the guest’s by its row alone is not tried: the pool says whose it is', async () => {
    const stranger = createServer().listen(11_211, '127.64.99.99');
    await once(stranger, 'listening');
    const met = new Promise((_, fail) => stranger.once('connection', () => fail(new Error('it was tried'))));
    await watch.world.rows(`update guardian_instance set allowed_ports = '[22, 80, 443]'`);
    await watch.world.rows(`update instance set ipv4 = '127.64.99.99' where id = '${pod.id}'`);
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
    expect(await seen('mailboxes', await mailbox())).toEqual([]);
    await watch.world.mailRows(
      'alter table virtual_mailboxes drop constraint virtual_mailboxes_quota_mb_check; update virtual_mailboxes set quota_mb = 0',
    );
    expect(await seen('mailboxes', await mailbox())).toEqual(['medium mailbox_unlimited']);
  });
});

describe('backups', () => {
  const plan = async () =>
    (await watch.world.rows<{ id: string }>(`select id from instance_addon where kind = 'backup'`))[0]!.id;
  test('a plan whose backups are made, and one whose backups somebody deleted', async () => {
    expect(await seen('backups', await plan())).toEqual([]);
    await watch.world.rows(`update instance_addon set created_at = now() - interval '3 days'`);
    expect(await seen('backups', await plan())).toEqual([]);
    const { proxmox } = watch.hands.deps;
    for (const { volid } of await proxmox.backups(pod.node ?? '', 'local', pod.vmid ?? 0))
      await proxmox.deleteBackup(pod.node ?? '', 'local', volid);
    expect(await seen('backups', await plan())).toEqual(['high backup_overdue']);
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

const checkOf = (scan: GuardianScan, name: string) => scan.checks.find((check) => check.name === name);

describe('templates', () => {
  test('a system that is mended, one that is not any more, and a template that was withdrawn', async () => {
    expect(await seen('templates', pod.id)).toEqual([]);
    await watch.world.rows(`update image set enabled = false where name = '${pod.image}'`);
    expect(await seen('templates', pod.id)).toEqual(['medium template_outdated']);
    await watch.world.rows(`update instance set image = 'debian-10' where id = '${pod.id}'`);
    expect(await seen('templates', pod.id)).toEqual(['high template_outdated']);
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
    expect(await seen('sign_ins', id)).toEqual([]);
    await fail(1);
    expect(await seen('sign_ins', id)).toEqual(['medium sign_in_failures']);
    expect((await watch.open('sign_ins'))[0]?.evidence).toMatchObject({ count: 10 });
  });
});
