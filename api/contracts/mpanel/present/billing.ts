import type { z } from 'zod';
import { toPercent } from '../../../../core/pricing/rate.ts';
import type { TaxRate } from '../../../../db/entities/index.ts';
import type * as schemas from '../schemas.ts';

export function presentTaxRate(row: TaxRate): z.infer<typeof schemas.TaxRate> {
  const { id, tenantId, country, category, rate, validFrom, createdAt } = row;
  const shown = { id, tenantId, country, category, rate: toPercent(rate), validFrom };
  return { ...shown, createdAt: createdAt.toISOString() } as z.infer<typeof schemas.TaxRate>;
}
