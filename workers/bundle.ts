import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

/** Bytes. An ORM or a provider that slips into the workflows bundles without an error, but not below this. */
export const BUNDLE_BUDGET = 2_500_000;

/** All workflows as one script. Takes a second or two. */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  const bundle = await bundleWorkflowCode({
    workflowsPath: new URL('../workflows/index.ts', import.meta.url).pathname,
    logger: new DefaultLogger('WARN'),
  });
  if (bundle.code.length > BUNDLE_BUDGET)
    throw new Error(`workflow bundle has ${bundle.code.length} bytes: something does not belong into workflows/`);
  return bundle;
}
