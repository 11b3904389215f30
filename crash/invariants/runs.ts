import { JOB_ENDED } from '../../core/states.ts';
import { JOB_TYPES, jobWorkflowId } from '../../workflows/catalog.ts';
import { surplus } from './duplicates.ts';
import type { Invariant } from './evidence.ts';

/** No job goes on without a workflow, no workflow without a job. */
export const runs: Invariant = ({ told, open }) => {
  const jobs = told.jobs.filter(({ status }) => !JOB_ENDED.includes(status));
  const going = jobs.map(({ id, type, tenantId }) => jobWorkflowId({ jobId: id, type, tenantId }));
  const ours = open.filter((id) => JOB_TYPES.some((type) => id.startsWith(`${type}/`)));
  return [
    ...surplus(going, ours).map((id) => `job ${id} goes on without a workflow`),
    ...surplus(ours, going).map((id) => `workflow ${id} goes on without a job`),
  ];
};
