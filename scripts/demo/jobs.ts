import type { Api } from './api.ts';

/** A step of a job as GET /api/jobs/:id shows it. */
export interface StepView {
  name: string;
  status: string;
  attempt: number;
  error: string | null;
  startedAt: string | null;
  endedAt: string | null;
}

export interface JobView {
  id: string;
  type: string;
  status: string;
  reason: string | null;
  endedAt: string | null;
  steps: StepView[];
}

export const hasEnded = (job: JobView) => job.endedAt !== null;

/** Reads an order's job and those of its items again and again; what has ended is not asked for any more. */
export function jobReader(api: Api, jobId: string): () => Promise<JobView[]> {
  const ended = new Map<string, JobView>();
  let ids: string[] | undefined;
  async function read(id: string): Promise<JobView> {
    const job = ended.get(id) ?? (await api.get<JobView>(`/jobs/${id}`));
    if (hasEnded(job)) ended.set(id, job);
    return job;
  }
  return async () => {
    ids ??= (await api.get<{ items: JobView[] }>(`/jobs?parentJobId=${jobId}&pageSize=200&sort=createdAt`)).items.map(
      ({ id }) => id,
    );
    return Promise.all([jobId, ...ids].map(read));
  };
}
