import { readFileSync } from 'node:fs';
import type { ProviderError } from '../../../core/errors.ts';
import { createRegistrar, type RegistrarConfig } from '../../../providers/registrar/client.ts';
import type { Contact } from '../../../providers/registrar/port.ts';
import type { NewFault } from '../../../sandbox/lib/faults.ts';
import { start } from '../../../sandbox/registrar/index.ts';
import type { Account, Domain, Entry } from '../../../sandbox/registrar/records.ts';
import { startStandIn } from '../../support/sandbox.ts';

export const ADA: Contact = {
  name: 'Ada Lovelace',
  organization: 'Analytical Engines & Sons',
  email: 'ada@example.com',
  phone: '+44.2071234567',
  street: ['12 St James Square'],
  city: 'London',
  postalCode: 'SW1Y 4JH',
  countryCode: 'GB',
};

/** Nameservers outside the registry's zones. */
export const NAMESERVERS = ['ns1.dns.invalid', 'ns2.dns.invalid'];

interface State {
  domains: Domain[];
  ledger: Entry[];
  accounts: Account[];
  sessions: number;
}

/** The registry and an adapter that is logged in to it with what every domain needs. */
export async function registry(env: Record<string, string> = {}) {
  const standIn = await startStandIn('registrar', start, { env });
  const made: ReturnType<typeof createRegistrar>[] = [];
  function adapter(changes: Partial<RegistrarConfig> = {}) {
    const { EPP_HOST, EPP_PORT, EPP_USER, EPP_PASSWORD, EPP_CA } = standIn.env;
    const config = { host: EPP_HOST!, port: Number(EPP_PORT), user: EPP_USER!, password: EPP_PASSWORD! };
    const registrar = createRegistrar({ ...config, ca: readFileSync(EPP_CA!, 'utf8'), timeoutMs: 5_000, ...changes });
    made.push(registrar);
    return registrar;
  }
  return {
    self: standIn.self,
    adapter,
    rival: () => adapter({ user: 'RIVAL', password: 'rival-registrar' }),
    state: () => standIn.running.state() as State,
    act: (verb: string, body: Record<string, unknown> = {}) => standIn.running.acts![verb]!(body),
    fault: (match: string, name: string, data?: unknown) => {
      const fault: NewFault = { match, phase: 'switch', action: { kind: 'switch', name, data } };
      return standIn.self.faults.add(fault);
    },
    /** Operations that reached the registry since the last call of {@link mark}. */
    operations: (since: number) => standIn.self.log.list({ since }).map(({ operation }) => operation),
    mark: () => standIn.self.log.list({ limit: 100_000 }).at(-1)?.seq ?? 0,
    async close() {
      await Promise.all(made.map((one) => one.close()));
      await standIn.close();
    },
  };
}

/** Runs the call, which must fail, and shows what the workflow would see. */
export async function failureOf(call: Promise<unknown>): Promise<Pick<ProviderError, 'kind' | 'code' | 'detail'>> {
  try {
    await call;
  } catch (error) {
    const { kind, code, detail } = error as ProviderError;
    return { kind, code, detail };
  }
  throw new Error('the call succeeded');
}
