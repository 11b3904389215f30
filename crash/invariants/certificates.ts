import { surplus } from './duplicates.ts';
import type { Invariant } from './evidence.ts';

/** At the CA: every certificate that holds is one that the platform has, and the other way round. */
export const certificates: Invariant = ({ told, outside: { acme } }) => {
  const valid = acme.certificates.filter(({ revoked }) => !revoked);
  const names = new Map(acme.certificates.map(({ serial, names }) => [serial, names.join()]));
  const theirs = valid.map(({ serial }) => plain(serial));
  const ours = told.certificates.flatMap(({ status, serial }) => (status === 'active' ? [plain(serial ?? '')] : []));
  return [
    ...surplus(theirs, ours).map((serial) => `certificate ${serial} (${names.get(serial)}) is nobody's`),
    ...surplus(ours, theirs).map((serial) => `certificate ${serial} is unknown to the CA, or revoked`),
  ];
};

const plain = (serial: string) => serial.toLowerCase().replace(/^0+/, '');
