import type { Fate, Invariant, Told } from './evidence.ts';

type Order = Told['orders'][number];
type Item = Order['items'][number];

/** Every item is delivered or undone, and an order that met nothing but what passes is delivered whole. */
export const fates: Invariant = ({ told, fates }) =>
  told.orders.flatMap((order) => {
    const fate = fates.get(order.id);
    return order.items
      .filter((item) => !fits(item, fate))
      .map(
        (item) => `order ${order.id}: ${item.description} is ${item.status} (${item.reason ?? order.status}), not ${wanted(item, fate)}`,
      );
  }); // biome-ignore format: one sentence

function fits(item: Item, fate: Fate | undefined): boolean {
  return wanted(item, fate).includes(item.status);
}

function wanted(item: Item, fate: Fate | undefined): readonly string[] {
  if (fate === undefined) return ['delivered', 'undone', 'cancelled'];
  if (fate === 'cancelled') return ['cancelled'];
  return fate !== 'delivered' && fate.undone.includes(item.type) ? ['undone'] : ['delivered'];
}
