import { invoiceRefund } from './billing/refund.ts';
import { dnsApply, domainRegister, domainRenew } from './domain/register.ts';
import { emailAttach, emailDetach, mailboxCreate, mailboxDelete, mailboxUpdate } from './email/attach.ts';
import { cloudpodDelete } from './instance/delete.ts';
import { cloudpodSuspend, cloudpodUnsuspend } from './instance/suspend.ts';
import { addonBackup, addonDisk, addonIp, addonRemove } from './provision/addon.ts';
import { certificateIssue, certificateRenew } from './provision/certificate.ts';
import { cloudpodProvision } from './provision/cloudpod.ts';
import type { Saga } from './saga.ts';

/** Every saga there is. One that is not listed here fails test/workflows/sagas.test.ts. */
export const sagas: readonly Saga[] = [
  cloudpodProvision, cloudpodSuspend, cloudpodUnsuspend, cloudpodDelete,
  addonIp, addonDisk, addonBackup, addonRemove,
  domainRegister, domainRenew, dnsApply,
  emailAttach, emailDetach, mailboxCreate, mailboxUpdate, mailboxDelete,
  certificateIssue, certificateRenew, invoiceRefund,
]; // biome-ignore format: a list
