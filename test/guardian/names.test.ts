import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existence } from '../../activities/guardian/name-server.ts';
import type { Instance } from '../../db/entities/index.ts';
import { newId } from '../../runtime/ids.ts';
import { resolverFor } from './support/resolver.ts';
import { openWatch, type Watch } from './support/watch.ts';
import { NAME, openZone, type Zone } from './support/zone.ts';

// Where names lead, and what is said of their mail.

let watch: Watch;
let pod: Instance;
let zone: Zone;
beforeAll(async () => {
  watch = await openWatch();
  pod = await watch.pod('web');
  zone = await openZone(watch);
  await watch.scene.done(
    await watch.scene.buy('MAIL-START', { domain: NAME, localPart: 'info', password: 'Mailbox-pass-1' }),
  );
}, 120_000);
afterAll(() => watch.close());

describe('dangling', () => {
  test('names that lead to what is there are no finding', async () => {
    await zone.record('www', 'CNAME', `${pod.hostname}.`);
    await zone.record('own', 'A', pod.ipv4 ?? '');
    expect(await watch.seen('dangling', zone.id)).toEqual([]);
  });
  test('an alias of nothing, and addresses that were given back or are of somebody else', async () => {
    await zone.record('old', 'CNAME', `gone.${NAME}.`);
    const [free] = await watch.world.rows<{ address: string }>(
      'select host(address) as address from ip_address where instance_id is null and family = 4 limit 1',
    );
    await zone.record('former', 'A', free?.address ?? '');
    await zone.record('elsewhere', 'A', '192.0.2.7');
    expect(await watch.seen('dangling', zone.id)).toEqual([
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
    expect(await watch.seen('dangling', zone.id)).toContainEqual(
      expect.stringMatching(/^critical dns_released_address\/former/),
    );
  });

  test('an alias that leads out of our zones is asked about elsewhere, where we are told where', async () => {
    const { deps } = watch.hands;
    const { resolver, asking } = await resolverFor(watch, { name: 'there.example', type: 'TXT', data: 'here' });
    const told = existence(asking);
    expect([await told('there.example'), await told('gone.example'), await existence(deps)('gone.example')]).toEqual([
      true,
      false,
      undefined,
    ]);
    resolver.close();
  });
});

describe('mail records', () => {
  test('a name with mail of ours has them all', async () => {
    expect(await watch.seen('mail_records', zone.id)).toEqual([]);
  });
  test('each that somebody takes away is missed, with the record that mends it', async () => {
    const [{ dkim_selector: selector } = { dkim_selector: '' }] = await watch.world.rows<{ dkim_selector: string }>(
      'select dkim_selector from email_domain',
    );
    await zone.deleteRecord(NAME, 'TXT');
    await zone.setRecord(`_dmarc.${NAME}`, 'TXT', ['"some other text"']);
    await zone.setRecord(`${selector}._domainkey.${NAME}`, 'TXT', ['"v=DKIM1; k=rsa; p=AAAA"']);
    expect(await watch.seen('mail_records', zone.id)).toEqual([
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
