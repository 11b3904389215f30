import { Tenant } from '../../db/entities/index.ts';
import { all } from '../../db/queries/entity.ts';
import { type Desk, Refusal } from './command.ts';

/** The tenant of the platform itself, as the first start names it. */
const OWN = 'mpanel';

/** The tenant with this name or id; without one the platform's own. */
export async function tenantOf({ em }: Desk, named: string | undefined): Promise<Tenant> {
  const tenants = await all(em, Tenant, {});
  const found = tenants.find(({ id, name }) => id === named || name === (named ?? OWN));
  if (found) return found;
  throw new Refusal(
    named ? `there is no tenant ${named}` : 'there is no tenant yet: start mpanel once, which makes it',
  );
}
