import { AcmeAccount } from '../db/entities/index.ts';
import { first, insertOnce, set } from '../db/queries/entity.ts';
import { keepSecret, openSecret } from '../db/queries/secrets.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { AcmeAccount as Account } from '../providers/acme/port.ts';
import type { Deps } from './deps.ts';

export interface AccountAtCa {
  open(): Promise<Account>;
  /** The CA does not know it any more (a test CA that began anew): the next one who opens it tells the CA its key again. */
  forget(): Promise<void>;
}

/** The platform's one account at the CA: made at the first certificate, remembered from then on. */
export function acmeAccount(deps: Deps): AccountAtCa {
  const directoryUrl = deps.config.ACME_DIRECTORY_URL ?? '';
  let known: Account | undefined;

  /** The key is kept before the CA hears of it. Two workers at once: one key wins. */
  async function row(): Promise<AcmeAccount> {
    const there = await first(deps.em(), AcmeAccount, { directoryUrl });
    if (there) return there;
    const key = await deps.pki.createKey();
    await deps.em().transactional(async (tx) => {
      const keySecretId = keepSecret(tx, deps.seal, null, 'ACME account key', key);
      await tx.flush();
      await insertOnce(tx, AcmeAccount, { directoryUrl, keySecretId }, ['directoryUrl']);
    });
    return (await first(deps.em(), AcmeAccount, { directoryUrl }))!;
  }

  async function open(): Promise<Account> {
    const { url, keySecretId } = await row();
    const keyPem = await openSecret(deps.em(), deps.seal, keySecretId);
    const account = url ?? (await deps.acme.ensureAccount(keyPem, deps.config.ACME_EMAIL));
    if (!url) await set(deps.em(), AcmeAccount, { directoryUrl }, { url: account });
    return { url: account, keyPem };
  }

  const ofPlatform = <T>(work: () => Promise<T>) => asPlatform('the account at the CA is the platform’s', work);
  return {
    async open() {
      known ??= await ofPlatform(open);
      return known;
    },
    async forget() {
      known = undefined;
      await ofPlatform(() => set(deps.em(), AcmeAccount, { directoryUrl }, { url: null }));
    },
  };
}
