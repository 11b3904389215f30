import { toDecimal } from '../../core/money.ts';
import { TldPrice } from '../../db/entities/index.ts';
import { all } from '../../db/queries/entity.ts';
import { type Command, Misuse } from './command.ts';
import { tenantOf } from './tenant.ts';
import { amount, wholeNumber } from './values.ts';

const list: Command = {
  name: 'tld list',
  synopsis: '[--tenant NAME]',
  about: 'Top-level domains that are sold, with their prices a year.',
  async run(desk, given) {
    const tenant = await tenantOf(desk, given.option('tenant'));
    const prices = await all(desk.em, TldPrice, { tenantId: tenant.id }, { orderBy: { tld: 'asc' } });
    const row = ({ tld, register, renew, transfer, currency, maxYears }: TldPrice) => ({
      tld,
      register: toDecimal(register, currency),
      renew: toDecimal(renew, currency),
      transfer: toDecimal(transfer, currency),
      currency,
      maxYears,
    });
    return { tlds: prices.map(row) };
  },
};

const change: Command = {
  name: 'tld set',
  synopsis: 'TLD --register PRICE --renew PRICE --transfer PRICE --currency CODE [--max-years N] [--tenant NAME]',
  about: 'Sells a top-level domain, or changes its prices.',
  async run(desk, given) {
    const tld = readTld(given.arg(0));
    const currency = readCurrency(given.option('currency') ?? '');
    const price = (name: string) => amount(`--${name}`, given.option(name) ?? '', currency);
    const maxYears = wholeNumber('--max-years', given.option('max-years') ?? '10', { min: 1, max: 10 });
    const [register, renew, transfer] = [price('register'), price('renew'), price('transfer')];
    const { id: tenantId } = await tenantOf(desk, given.option('tenant'));
    const prices = { tenantId, tld, register, renew, transfer, currency, maxYears };
    await desk.em.transactional((tx) => tx.upsert(TldPrice, prices));
    return `.${tld} is sold.`;
  },
};

function readTld(text: string): string {
  const tld = text.replace(/^\./, '').toLowerCase();
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(tld) && tld.length <= 63) return tld;
  throw new Misuse(`'${text}' is not a top-level domain like com`);
}

function readCurrency(text: string): string {
  if (Intl.supportedValuesOf('currency').includes(text)) return text;
  throw new Misuse(`--currency must be an ISO 4217 code like USD, not '${text}'`);
}

export const tldCommands = [list, change];
