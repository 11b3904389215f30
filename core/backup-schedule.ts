const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/**
 * The longest time between two runs of a calendar event as Proxmox takes it (02:30, sat 04:00, mon..fri 22:00, weekly),
 * in hours. What runs more often than daily counts as daily; one with dates as monthly.
 */
export function longestGapHours(schedule: string): number {
  const text = schedule.trim().toLowerCase();
  if (text === 'weekly') return 7 * 24;
  if (/^(monthly|quarterly|semiannually|yearly|annually)$/.test(text) || /[\d*]-[\d*]/.test(text)) return 31 * 24;
  const days = weekdaysOf(text);
  const gaps = days.map((day, at) => ((days[at + 1] ?? days[0]! + 7) - day) * 24);
  return Math.max(24, ...gaps);
}

/** Monday is 0; none where it names none. */
function weekdaysOf(text: string): number[] {
  const [first = ''] = text.split(' ');
  const days = first.split(',').flatMap((part) => {
    const [from, to = from] = part.split('..').map((name) => DAYS.indexOf(name.slice(0, 3)));
    if (from === undefined || to === undefined || from < 0 || to < 0) return [];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => (from + at) % 7);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}
