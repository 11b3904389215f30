import { setTimeout as sleep } from 'node:timers/promises';
import { createRequest } from '../../../providers/acme/csr.ts';
import type { Acme, AcmeAccount, AcmeOrder } from '../../../providers/acme/port.ts';
import type { Dns } from './dns.ts';

/** Asks until the answer fits. */
export async function until<T>(ask: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (let left = 500; left > 0; left--) {
    const value = await ask();
    if (fits(value)) return value;
    await sleep(10);
  }
  throw new Error('it did not come to pass');
}

/** Proves every open authorization of an order by dns-01 and answers the order as it is then. */
export async function prove(acme: Acme, account: AcmeAccount, order: AcmeOrder, dns: Dns): Promise<AcmeOrder> {
  for (const url of order.authorizations) {
    const { status, identifier, dns01 } = await acme.authorization(account, url);
    if (status === 'valid') continue;
    const name = `_acme-challenge.${identifier}`;
    dns.txt.set(name, [...(dns.txt.get(name) ?? []), dns01!.txt]);
    await acme.challengeReady(account, dns01!.url);
    await until(
      () => acme.authorization(account, url),
      (one) => one.status !== 'pending',
    );
  }
  return (await acme.order(account, order.url))!;
}

/** Finalizes with a fresh key and waits for the end of processing. */
export async function issue(acme: Acme, account: AcmeAccount, order: AcmeOrder) {
  const { keyPem, csrPem } = await createRequest(order.identifiers);
  await acme.finalize(account, order, csrPem);
  const done = await until(
    () => acme.order(account, order.url),
    (one) => one?.status !== 'processing',
  );
  return { keyPem, order: done!, certificate: await acme.certificate(account, done!.certificate!) };
}
