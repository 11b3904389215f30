/** SOA content with its serial raised as SOA-EDIT-API says: DEFAULT (YYYYMMDDnn), INCREASE, EPOCH, '' (left alone). */
export function raisedSoa(content: string, soaEditApi: string, now: Date): string {
  const fields = content.split(' ');
  fields[2] = String(raised(Number(fields[2]), soaEditApi.toUpperCase(), now));
  return fields.join(' ');
}

export function serialOf(soa: string | undefined): number {
  return Number(soa?.split(' ')[2] ?? 0);
}

function raised(serial: number, soaEditApi: string, now: Date): number {
  switch (soaEditApi) {
    case '':
    case 'OFF':
      return serial;
    case 'INCREASE':
      return (serial + 1) % 2 ** 32;
    case 'EPOCH':
      return Math.floor(now.getTime() / 1000);
    default: {
      const today = Number(now.toISOString().slice(0, 10).replaceAll('-', '')) * 100 + 1;
      return serial < today ? today : serial + 1;
    }
  }
}
