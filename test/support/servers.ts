/** The shared server of this name, started by the first who asks; its addresses as run.json shows them. */
export async function sharedServer(name: 'postgres' | 'temporal'): Promise<Record<string, string>> {
  const response = await fetch(`${process.env.MPANEL_TEST_SERVERS}/${name}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Record<string, string>;
}
