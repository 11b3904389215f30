import { invoiceRefund } from './billing/refund.ts';
import { subscriptionLapse, subscriptionRenew, subscriptionSuspend } from './billing/renew.ts';
import { vatCheck } from './billing/vat.ts';
import { dnsApply, domainRegister, domainRenew } from './domain/register.ts';
import { emailAttach, emailDetach, mailboxCreate, mailboxDelete, mailboxUpdate } from './email/attach.ts';
import { emailSuspend, emailUnsuspend } from './email/suspend.ts';
import { guardianRemediate } from './guardian/remediate.ts';
import { guardianScan } from './guardian/scan.ts';
import { cloudpodDelete } from './instance/delete.ts';
import { cloudpodSuspend, cloudpodUnsuspend } from './instance/suspend.ts';
import { addonBackup, addonDisk, addonIp, addonRemove } from './provision/addon.ts';
import { certificateIssue, certificateRenew } from './provision/certificate.ts';
import { cloudpodProvision } from './provision/cloudpod.ts';
import type { Saga } from './saga.ts';
import { cleanupSweep, expirySweep, noticeSend, renewalSweep } from './sweep/sweeps.ts';

/** Every saga there is. One that is not listed here fails test/workflows/sagas.test.ts. */
export const sagas: readonly Saga[] = [
  cloudpodProvision, cloudpodSuspend, cloudpodUnsuspend, cloudpodDelete,
  addonIp, addonDisk, addonBackup, addonRemove,
  domainRegister, domainRenew, dnsApply,
  emailAttach, emailDetach, mailboxCreate, mailboxUpdate, mailboxDelete,
  emailSuspend, emailUnsuspend,
  certificateIssue, certificateRenew, invoiceRefund, vatCheck,
  subscriptionRenew, subscriptionSuspend, subscriptionLapse,
  renewalSweep, expirySweep, cleanupSweep, noticeSend,
  guardianScan, guardianRemediate,
]; // biome-ignore format: a list
