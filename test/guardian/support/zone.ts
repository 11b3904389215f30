import { DnsRecord, DnsZone } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Watch } from './watch.ts';

export const NAME = 'watched.example';

/** The name and its zone, delivered; records are what somebody writes there. */
export async function openZone(watch: Watch) {
  const { scene, world, tenantId } = watch;
  await scene.done(await scene.buy('DOMAIN', { domain: NAME }));
  const { id } = await world.em().findOneOrFail(DnsZone, { name: NAME });

  const setRecord = (name: string, type: string, contents: string[]) =>
    watch.act('powerdns', 'set-record', { zone: `${NAME}.`, name: `${name}.`, type, contents });

  return {
    id,
    setRecord,
    deleteRecord: (name: string, type: string) =>
      watch.act('powerdns', 'delete-record', { zone: `${NAME}.`, name: `${name}.`, type }),
    /** As the customer writes it, here and at the server. */
    async record(name: string, type: string, content: string) {
      await world.em().insert(DnsRecord, { id: newId(), tenantId, zoneId: id, type, name, content, ttl: 300 });
      await setRecord(`${name}.${NAME}`, type, [content]);
    },
  };
}
export type Zone = Awaited<ReturnType<typeof openZone>>;
