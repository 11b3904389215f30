import { expect, test } from '@jest/globals';
import { inUnion, placeOf } from '../../../core/pricing/place.ts';

const consumer = (seller: string | null, buyer: string | null) => placeOf({ seller, buyer, business: false });
const business = (seller: string | null, buyer: string | null) => placeOf({ seller, buyer, business: true });
const taxedIn = (...countries: string[]) => ({ countries, reverseCharge: false });

test.each([
  ['at home', 'DE', 'DE', ['DE']],
  ['in another member state: there, else by the threshold at the seller’s', 'DE', 'FR', ['FR', 'DE']],
  ['outside the Union', 'DE', 'US', ['US']],
  ['by a seller outside it', 'US', 'DE', ['DE']],
  ['without a country: as at home', 'DE', null, ['DE']],
])('a consumer %s', (_, seller, buyer, countries) => {
  expect(consumer(seller, buyer)).toEqual(taxedIn(...countries));
});

test.each([
  ['in another member state owes the tax itself', 'DE', 'FR', { countries: ['FR', 'DE'], reverseCharge: true }],
  ['at home pays as anybody', 'DE', 'DE', taxedIn('DE')],
  ['outside the Union pays as anybody there', 'DE', 'CH', taxedIn('CH')],
  ['of a member state, buying from outside, too', 'US', 'DE', taxedIn('DE')],
])('a business %s', (_, seller, buyer, place) => {
  expect(business(seller, buyer)).toEqual(place);
});

test('a seller without a country taxes nobody', () => {
  expect([consumer(null, 'DE'), business(null, 'DE')]).toEqual([taxedIn(), taxedIn()]);
});

test('the Union has its 27 member states, and Monaco is taxed as one', () => {
  expect(['GR', 'IE', 'HR', 'MC'].map(inUnion)).toEqual(Array(4).fill(true));
  expect(['GB', 'CH', 'NO', 'EL'].map(inUnion)).toEqual(Array(4).fill(false));
});
