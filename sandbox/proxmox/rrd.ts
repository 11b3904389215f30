import { findGuest, type Guest, type Kind } from './guest.ts';
import { steady } from './identity.ts';
import { usage } from './status.ts';
import { type Context, need, type Params, type Routes, seconds, type Version, type World } from './world.ts';

/** Points and seconds per point. */
const WINDOWS: Record<Version, Record<string, [number, number]>> = {
  '8.4': { hour: [60, 60], day: [70, 1800], week: [70, 10_800], month: [70, 43_200], year: [70, 604_800] },
  '9.1': {
    hour: [60, 60],
    day: [1440, 60],
    week: [336, 1800],
    month: [1440, 1800],
    year: [1440, 21_600],
    decade: [574, 604_800],
  },
};

function series(
  { version }: World,
  timeframe: string,
  point: (time: number) => Record<string, number>,
): Record<string, number>[] {
  const [count, step] = WINDOWS[version][timeframe] ?? [60, 60];
  const last = Math.floor(seconds(Date.now()) / step) * step;
  // The youngest bucket is not full yet and holds nothing but its time.
  return Array.from({ length: count }, (_, at) => last - (count - 1 - at) * step).map((time) =>
    time === last ? { time } : { time, ...point(time) },
  );
}

function guestPoint(guest: Guest) {
  const { cpus, maxmem, maxdisk, mem, disk } = usage(guest);
  return (time: number): Record<string, number> => {
    const fixed = { maxcpu: cpus, maxmem, maxdisk, disk };
    if (!guest.running || time * 1000 < guest.running.since) return {};
    const wave = steady(`${guest.vmid}:${time}`);
    return {
      ...fixed,
      cpu: 0.02 + 0.2 * wave,
      mem: mem * (0.9 + 0.1 * wave),
      netin: 2000 * wave,
      netout: 900 * wave,
      diskread: 5000 * wave,
      diskwrite: 3000 * wave,
    };
  };
}

const guest =
  (kind: Kind) =>
  ({ world }: Context, params: Params) =>
    series(world, need(params, 'timeframe'), guestPoint(findGuest(world, kind, params)));

function node({ world }: Context, params: Params) {
  return series(world, need(params, 'timeframe'), (time) => {
    const wave = steady(`${need(params, 'node')}:${time}`);
    return {
      cpu: 0.05 * wave,
      maxcpu: 64,
      memtotal: 512 * 2 ** 30,
      memused: 40 * 2 ** 30,
      loadavg: wave,
      netin: 1e6 * wave,
      netout: 1e6 * wave,
    };
  });
}

export const rrdRoutes: Routes = {
  'GET /nodes/{node}/lxc/{vmid}/rrddata': guest('lxc'),
  'GET /nodes/{node}/qemu/{vmid}/rrddata': guest('qemu'),
  'GET /nodes/{node}/rrddata': node,
};
