import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

/** Bytes. An ORM or a provider that slips into the workflows bundles without an error, but not below this. */
export const BUNDLE_BUDGET = 2_500_000;

const ROOT = resolve(import.meta.dirname, '..');
/** Where the bundle and the worker find how failures are written down. */
export const FAILURE_CONVERTER = failureConverter(ROOT);
const CACHE = join(ROOT, '.cache', 'workflows');
/** All that ends up in the bundle; the lock file stands for the SDK and its bundler. */
const SOURCES = ['workflows', 'core'];
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS']);

/** All workflows as one script: made once for these sources, in some ten seconds of a busy machine, and kept. */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  const file = join(CACHE, `${sourceHash()}.js`);
  if (existsSync(file)) return { code: readFileSync(file, 'utf8') };
  const bundle = await bundleFrom(ROOT);
  if (bundle.code.length > BUNDLE_BUDGET)
    throw new Error(`workflow bundle has ${bundle.code.length} bytes: something does not belong into workflows/`);
  keep(file, bundle.code);
  return bundle;
}

/** The workflows of another copy of the sources. */
export function bundleFrom(root: string) {
  return bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    failureConverterPath: failureConverter(root),
    workflowInterceptorModules: [join(root, 'workflows/unreadable-signals.ts')],
    logger: new DefaultLogger('WARN'),
  });
}

function failureConverter(root: string): string {
  return join(root, 'workflows/failure-converter.ts');
}

function sourceHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const folder of SOURCES)
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (name.endsWith('.ts')) hash.update(`\0${folder}/${name}\0`).update(readFileSync(join(ROOT, folder, name)));
  return hash.digest('hex').slice(0, 16);
}

// Two workers may make it at once: each writes a file of its own, and the last one stays. Where nothing may be written (an
// image run read-only), it is made at every start.
function keep(file: string, code: string): void {
  try {
    mkdirSync(CACHE, { recursive: true });
    const mine = `${file}.${process.pid}`;
    writeFileSync(mine, code);
    renameSync(mine, file);
  } catch (error) {
    if (!NOT_WRITABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
