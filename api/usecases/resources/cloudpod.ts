import { invalid } from '../../../core/app-error.ts';
import { Certificate, Instance, type Product } from '../../../db/entities/index.ts';
import { isImageOffered } from '../../../db/queries/products.ts';
import { keepSecret } from '../../../db/queries/secrets.ts';
import { newId } from '../../../runtime/ids.ts';
import type { ItemConfig } from '../orders/item-config.ts';
import { metadataOf } from '../products/metadata.ts';
import { randomMac, randomPassword, readableName } from './random.ts';
import { type Added, dependencies, placeFor, type Site } from './site.ts';

/** A guest, its certificate and its sealed root password. Everything that names it outside is decided here. */
export async function addCloudPod(
  site: Site,
  product: Product,
  id: string,
  config: ItemConfig<'cloudpod'>,
): Promise<Added> {
  const { em, customer, seal } = site;
  const { tenantId } = customer;
  const plan = metadataOf('cloudpod', product.metadata);
  const image = await chooseImage(site, plan, product.sku, config.template);
  const name = config.name ?? readableName();
  const hostname = config.hostname ?? `${name}.pods.${site.config.PLATFORM_DOMAIN}`;
  const place = await placeFor({ ...site, path: [...site.path, 'hostname'] }, hostname, { host: true });
  em.create(Instance, {
    id,
    tenantId,
    customerId: customer.id,
    subscriptionId: site.subscriptionId,
    orderItemId: site.orderItemId,
    productId: product.id,
    name,
    hostname,
    kind: plan.kind,
    template: product.sku,
    image,
    cores: plan.cpu,
    memoryMb: plan.ramMb,
    diskGb: plan.diskGb,
    mac: randomMac(),
    sshKeys: config.sshKeys ?? [],
    passwordSecretId: keepSecret(em, seal, tenantId, `root of instance/${id}`, randomPassword()),
  });
  em.create(Certificate, { id: newId(), tenantId, customerId: customer.id, domain: hostname, targetId: id });
  return {
    resourceId: id,
    jobType: 'cloudpod_provision',
    about: hostname,
    dependsOn: dependencies(place),
    config: { ...config, name, hostname, template: image },
  };
}

/** The plan's own name is no wish for another image: the contract shows it as the template. */
async function chooseImage(
  site: Site,
  plan: { kind: 'qemu' | 'lxc'; image: string },
  sku: string,
  template: string | undefined,
): Promise<string> {
  const image = template === undefined || template === sku ? plan.image : template;
  if (!(await isImageOffered(site.em, image, plan.kind)))
    throw invalid([...site.path, 'template'], `there is no image ${image} for ${plan.kind}`);
  return image;
}
