import { type EntityManager, TransactionPropagation } from '@mikro-orm/postgresql';
import { AppError, type ErrorCode } from '../../core/app-error.ts';
import type { Job } from '../../db/entities/index.ts';
import { violatedIndex } from '../../db/errors.ts';
import { audit } from '../../db/queries/audit.ts';
import { type NewJob, startJob } from '../../db/queries/jobs.ts';
import type { Context } from '../context.ts';

/** One change to the database: rows, audit, jobs and signals stand or fall together. */
export interface Change {
  em: EntityManager;
  /** Starts a job's workflow once this is committed. */
  start(job: Omit<NewJob, 'tenantId'>): Job;
  /** An outbox row to send once this is committed. */
  send(outboxId: string): void;
  /** `action` is noun.verb in the past. Answers the audit row's id. */
  audit(action: string, resourceId: string, metadata?: Record<string, unknown>): string;
}

/** Part of the request's transaction where it has one: what is refused undoes all of it. */
export function change<T>(ctx: Context, work: (tx: Change) => Promise<T>): Promise<T> {
  const written = async (em: EntityManager) => {
    const done = await work(changeIn(ctx, em));
    await em.flush();
    return done;
  };
  return refusing(() => ctx.em.transactional(written, { propagation: TransactionPropagation.REQUIRED }));
}

function changeIn({ caller, parcels }: Context, em: EntityManager): Change {
  return {
    em,
    start(fields) {
      const { job, outboxId } = startJob(em, { ...fields, tenantId: caller.tenantId });
      parcels.push(outboxId);
      return job;
    },
    send: (outboxId) => parcels.push(outboxId),
    audit: (action, resourceId, metadata = {}) =>
      audit(em, {
        tenantId: caller.tenantId,
        action,
        resourceType: action.split('.')[0] ?? action,
        resourceId,
        metadata,
      }),
  };
}

/** What the unique indexes say, in words that name no column. */
const TAKEN: Record<string, [ErrorCode, string]> = {
  customer_email: ['EMAIL_TAKEN', 'A customer with this e-mail address exists.'],
  users_email: ['EMAIL_TAKEN', 'This e-mail address cannot be used for another login.'],
  product_tenant_id_sku_unique: ['SKU_TAKEN', 'A product with this SKU exists.'],
  instance_hostname: ['HOSTNAME_TAKEN', 'This host name is in use.'],
  domain_live: ['DOMAIN_TAKEN', 'This domain is registered here.'],
  email_domain_live: ['DOMAIN_TAKEN', 'This domain has e-mail already.'],
  coupon_tenant_id_code_unique: ['CONFLICT', 'There is a coupon of this code.'],
  tax_rate_tenant_id_country_category_valid_from_unique: [
    'CONFLICT',
    'There is a rate from this day on; delete that one first.',
  ],
  guardian_remediation_open: ['CONFLICT', 'Something is being done about this finding already.'],
  mailbox_live: ['MAILBOX_TAKEN', 'This mailbox exists.'],
};

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const index = violatedIndex(error);
    const [code, message] = (index && TAKEN[index]) || [];
    throw code ? new AppError(code, message ?? code) : error;
  }
}

/** The fields of a change that were given at all. */
export function given<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
}
