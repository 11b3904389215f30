import { invalid } from '../../../core/app-error.ts';
import { Instance, InstanceAddon, type Product } from '../../../db/entities/index.ts';
import { findRow } from '../../../db/queries/rows.ts';
import { metadataOf } from '../products/metadata.ts';
import type { Added, Site } from './site.ts';

/** What an add-on hangs on: an item of the same order, or a CloudPod that is there. */
export type Parent = { itemId: string; instanceId: string } | { instanceId: string };

/** An extra of a CloudPod: an address, disk space, a backup plan. */
export async function addAddon(site: Site, product: Product, id: string, parent: Parent): Promise<Added> {
  const { em, customer, orderItemId } = site;
  if (!('itemId' in parent)) await requireInstance(site, parent.instanceId);
  const { kind, ...data } =
    product.type === 'backup'
      ? { kind: 'backup' as const, ...metadataOf('backup', product.metadata) }
      : metadataOf('addon', product.metadata);
  const { tenantId } = customer;
  em.create(InstanceAddon, { id, tenantId, instanceId: parent.instanceId, orderItemId, kind, data });
  return {
    resourceId: id,
    jobType: `addon_${kind}`,
    about: '',
    dependsOn: 'itemId' in parent ? [parent.itemId] : [],
    config: { instanceId: parent.instanceId },
  };
}

async function requireInstance({ em, customer, path }: Site, id: string): Promise<void> {
  const instance = await findRow(em, Instance, { id, customerId: customer.id });
  if (!instance || ['deleting', 'deleted', 'failed'].includes(instance.status))
    throw invalid([...path, 'instanceId'], 'there is no such CloudPod of this customer');
}
