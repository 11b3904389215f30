/**
 * When the makers of a system stop mending it for everybody, by the name of its image; paid extensions do not count.
 * From their own lifecycle pages: debian.org (LTS), ubuntu.com, almalinux.org, rockylinux.org, centos.org.
 */
const END_OF_LIFE: Record<string, string> = {
  'debian-9': '2022-06-30',
  'debian-10': '2024-06-30',
  'debian-11': '2026-08-31',
  'debian-12': '2028-06-30',
  'debian-13': '2030-06-30',
  'ubuntu-16.04': '2021-04-30',
  'ubuntu-18.04': '2023-05-31',
  'ubuntu-20.04': '2025-05-31',
  'ubuntu-22.04': '2027-04-30',
  'ubuntu-24.04': '2029-04-30',
  'centos-7': '2024-06-30',
  'centos-8': '2021-12-31',
  'almalinux-8': '2029-03-01',
  'almalinux-9': '2032-05-31',
  'rocky-8': '2029-05-31',
  'rocky-9': '2032-05-31',
};

/** Undefined for what is not in the table. */
export function endOfLife(image: string): Date | undefined {
  const day = END_OF_LIFE[image];
  return day === undefined ? undefined : new Date(`${day}T23:59:59Z`);
}
