import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { JOB_TYPES } from '../../../../workflows/catalog.ts';
import { nullableTime, nullableUuid, timestamp, uuid } from './common.ts';

export const Job = z
  .strictObject({
    id: uuid,
    tenantId: uuid,
    type: z.enum(JOB_TYPES),
    status: z.enum(states.JOB_STATUS),
    targetId: uuid,
    parentJobId: nullableUuid,
    orderId: nullableUuid,
    /** Where it stands, and what it waits for in words. */
    step: z.string().nullable(),
    reason: z.string().nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
    endedAt: nullableTime,
  })
  .meta({ id: 'Job' });

export const JobStep = z
  .strictObject({
    name: z.string(),
    status: z.enum(states.STEP_STATUS),
    attempt: z.number().int(),
    error: z.string().nullable(),
    startedAt: nullableTime,
    endedAt: nullableTime,
  })
  .meta({ id: 'JobStep' });

export const JobWithSteps = Job.extend({ steps: z.array(JobStep) }).meta({ id: 'JobWithSteps' });
const toldOf = { jobId: uuid, type: z.enum(JOB_TYPES), at: timestamp };

/** Data of a `job` event: what a job became. */
const JobTold = z
  .strictObject({ ...toldOf, status: z.enum(states.JOB_STATUS), reason: z.string().nullable(), endedAt: nullableTime })
  .meta({ id: 'JobTold' });

/** Data of a `step` event: what one of its steps became. */
const StepTold = JobStep.extend(toldOf).meta({ id: 'StepTold' });

export const Told = z.union([StepTold, JobTold]);
export const StreamTicket = z.strictObject({ ticket: z.string(), expiresAt: timestamp }).meta({ id: 'StreamTicket' });

/** What a create or an action answers of the job it began. */
export const JobRef = z
  .strictObject({ id: uuid, type: z.enum(JOB_TYPES), status: z.enum(states.JOB_STATUS) })
  .meta({ id: 'JobRef' });
