/** The shared server of this name, started by the first who asks; its addresses as run.json shows them. */
export async function sharedServer(name: 'postgres' | 'temporal'): Promise<Record<string, string>> {
  // A kept connection may be closed by the other side in the moment of its next use.
  const headers = { connection: 'close' };
  const response = await fetch(`${process.env.MPANEL_TEST_SERVERS}/${name}`, { headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Record<string, string>;
}
