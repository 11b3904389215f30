import { endOfLife } from '../../../core/end-of-life.ts';
import { Image, Instance } from '../../../db/entities/index.ts';
import { all } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

/** Guests made from a system that nobody mends any more, or from a template that was withdrawn. */
export function templates(deps: Pick<Deps, 'em'>): Check {
  async function look({ hostname, image, kind }: Instance): Promise<SeenWeakness[]> {
    const end = endOfLife(image);
    const found = (severity: SeenWeakness['severity'], why: string): SeenWeakness[] => {
      const text = `${hostname} was made from ${image}, ${why}.`;
      return [
        { kind: 'template_outdated', severity, text, evidence: { image, endOfLife: end?.toISOString() ?? null } },
      ];
    };
    if (end && end < new Date())
      return found('high', `which gets no corrections since ${end.toISOString().slice(0, 10)}`);
    const known = await all(deps.em(), Image, { name: image, kind });
    return known.length && known.every(({ enabled }) => !enabled)
      ? found('medium', 'which is not offered any more')
      : [];
  }

  return checkOf(deps, {
    name: 'templates',
    resourceType: 'cloudpod',
    entity: Instance,
    where: { status: 'active' },
    nameOf: ({ hostname }) => hostname,
    look,
  });
}
